import type { Features } from '../story/features.ts';
import { type Sketch, sketchOf, unpackSketch } from '../story/sketch.ts';
import type { SoftTags, Tags } from '../tag/tags.ts';
import type { Database, Queryable } from './database.ts';

/** What relating knows of a stored item and what does not change without its being related again. */
export type Remembered = {
  readonly sketch: Sketch;
  readonly addressKey: string;
  readonly outlet: string | null;
  readonly lang: string;
  readonly tags: Pick<Tags, 'topic' | 'countries' | 'cooperation' | 'orgs'>;
  /** Unknown of items off the beat, and of those related before it was kept. */
  readonly soft: SoftTags | undefined;
};

/**
 * Items of the last batches by id: a batch is compared with much that the one before was compared with, and reading an item's
 * sketch costs more than comparing it. `version` is the row's xmin: whoever relates an item again, in whatever process, writes
 * another.
 */
export type Memory = { readonly most: number; readonly items: Map<number, { version: string; item: Remembered }> };

export const createMemory = (most: number): Memory => ({ most, items: new Map() });

/** Some 3 KB each. */
const MOST = 20_000;
const memories = new WeakMap<Database, Memory>();

/** The memory of this process for a database. */
export function memoryOf(db: Database): Memory {
  const memory = memories.get(db) ?? createMemory(MOST);
  memories.set(db, memory);
  return memory;
}

/** Reads those that are not in memory, and gives all. */
export async function recall(
  tx: Queryable,
  memory: Memory,
  wanted: readonly { readonly item_id: number; readonly version: string }[],
): Promise<ReadonlyMap<number, Remembered>> {
  const known = new Map<number, Remembered>();
  const missing: number[] = [];
  for (const { item_id: id, version } of wanted) {
    const found = memory.items.get(id);
    if (found?.version === version) {
      known.set(id, found.item);
      memory.items.delete(id); // put back as the newest, so that the oldest is what nobody asked for
      memory.items.set(id, found);
    } else missing.push(id);
  }
  if (missing.length) {
    const { rows } = await tx.query<Row>(
      `select i.item_id, i.address_key, i.outlet, i.lang, f.soft, f.xmin::text as version, f.sketch,
              case when f.sketch is null then f.features end as features,
              json_build_object('topic', i.topic, 'countries', i.countries, 'cooperation', i.cooperation, 'orgs', i.orgs) as tags
         from glasnik.items i
         join glasnik.item_features f using (item_id)
        where i.item_id = any ($1)`,
      [missing],
    );
    for (const { item_id: id, version, address_key: addressKey, outlet, lang, tags, soft, ...row } of rows) {
      const item = {
        sketch: row.sketch ? unpackSketch(row.sketch) : sketchOf(row.features!),
        addressKey,
        outlet,
        lang,
        tags,
        soft: soft ?? undefined,
      };
      known.set(id, item);
      remember(memory, id, version, item);
    }
  }
  return known;
}

/** Keeps an item in mind; what was not asked for longest is forgotten. */
export function remember(memory: Memory, id: number, version: string, item: Remembered): void {
  memory.items.delete(id);
  memory.items.set(id, { version, item });
  for (const oldest of memory.items.keys()) {
    if (memory.items.size <= memory.most) break;
    memory.items.delete(oldest);
  }
}

type Row = {
  readonly item_id: number;
  readonly version: string;
  readonly address_key: string;
  readonly outlet: string | null;
  readonly lang: string;
  readonly soft: SoftTags | null;
  readonly sketch: Buffer | null;
  /** Of items that were related before there were sketches. */
  readonly features: Features | null;
  readonly tags: Remembered['tags'];
};
