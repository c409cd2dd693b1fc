import { z } from 'zod';
import { COOPERATION, ORGS, TOPICS } from '../tag/tags.ts';

/** Repeated or comma-separated values of one filter mean "or". */
const list = <T extends z.ZodType>(one: T) =>
  z
    .union([z.string(), z.array(z.string())])
    .transform((given) =>
      [given]
        .flat()
        .flatMap((value) => value.split(','))
        .map((value) => value.trim())
        .filter(Boolean),
    )
    .pipe(z.array(one as z.ZodType<z.output<T>, string>).max(100));

/** PostgreSQL takes no NUL in a text. */
export const text = (most: number) =>
  z
    .string()
    .max(most)
    .refine((given) => !given.includes('\0'), 'must hold no NUL character');

const id = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);

export const limit = z.coerce.number().int().min(1).max(500).default(50);
export const idParams = z.strictObject({ id });
export const langs = list(
  z.string().regex(/^[a-z]{2,3}(-[A-Z][a-z]{3})?$/, 'must be a language such as sr or sr-Latn'),
);
const country = list(z.string().regex(/^[A-Z]{2}$/, 'must be two capital letters such as RS'));
const since = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2026-01-31T12:00:00Z' })
  .transform((given) => new Date(given));

/** The filters that all lists of items share. */
export const itemFilters = {
  relevant: z.enum(['true', 'false', 'any']).default('true'),
  topic: list(z.enum(TOPICS)).optional(),
  country: country.optional(),
  cooperation: list(z.enum(COOPERATION)).optional(),
  org: list(z.enum(ORGS)).optional(),
  lang: langs.optional(),
  story: list(id).optional(),
  feed: list(id).optional(),
  since: since.optional(),
  q: text(200).optional(),
};

/** The filters of stories: a relevant report of the story must answer them. */
export const storyFilters = {
  country: country.optional(),
  cooperation: list(z.enum(COOPERATION)).optional(),
  org: list(z.enum(ORGS)).optional(),
  lang: langs.optional(),
  feed: list(id).optional(),
  since: since.optional(),
};

export const pageOf = { limit, cursor: z.string().max(4000).optional() };

export const readNextQuery = {
  url: text(4000).min(1),
  limit: z.coerce.number().int().min(1).max(24).default(4),
  lang: langs.optional(),
  title: text(1000).optional(),
  lead: text(5000).optional(),
};
