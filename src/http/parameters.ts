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

const id = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);

export const limit = z.coerce.number().int().min(1).max(500).default(50);
export const idParams = z.strictObject({ id });
export const langs = list(z.string().regex(/^[a-z]{2,3}(-[A-Z][a-z]{3})?$/, 'a language such as sr or sr-Latn'));

/** The filters that all lists of items share. */
export const itemFilters = {
  relevant: z.enum(['true', 'false', 'any']).default('true'),
  topic: list(z.enum(TOPICS)).optional(),
  country: list(z.string().regex(/^[A-Z]{2}$/, 'two capital letters such as RS')).optional(),
  cooperation: list(z.enum(COOPERATION)).optional(),
  org: list(z.enum(ORGS)).optional(),
  lang: langs.optional(),
  story: list(id).optional(),
  feed: list(id).optional(),
  since: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .optional(),
};

export const pageOf = { limit, cursor: z.string().max(300).optional() };
