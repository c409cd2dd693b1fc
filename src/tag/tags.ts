/** The vocabularies of the beat and the shape of what the tagger says of one item. */
export const TOPICS = ['defence-cooperation', 'defence', 'security', 'politics', 'other'] as const;
export const COOPERATION = [
  'agreement',
  'alliance',
  'exercise',
  'training',
  'procurement',
  'aid',
  'industry',
  'mission',
  'visit',
  'basing',
  'cyber',
  'dispute',
] as const;
export const ORGS = [
  'nato',
  'eu',
  'un',
  'osce',
  'kfor',
  'eufor',
  'eda',
  'b9',
  'a5',
  'sedm',
  'med9',
  'csto',
  'v4',
] as const;
/** The languages the product reads (BCP 47); `und` stands for any other. */
export const LANGUAGES = [
  'en',
  'sr-Cyrl',
  'sr-Latn',
  'hr',
  'bs',
  'cnr',
  'sl',
  'mk',
  'bg',
  'sq',
  'el',
  'ro',
  'tr',
  'hu',
] as const;

export type Topic = (typeof TOPICS)[number];
export type Cooperation = (typeof COOPERATION)[number];
export type Org = (typeof ORGS)[number];

/** What the tagger is given: the text as a feed brought it and where the outlet sits. */
export type TagInput = {
  readonly title: string | null;
  readonly summary: string | null;
  /** BCP 47 where the caller knows it better than the text; usually absent. */
  readonly lang?: string | null;
  /** ISO 3166-1 alpha-2 of the outlet (XK for Kosovo). */
  readonly outletCountry?: string | null;
};

/** Why a tag was given: the words in the text as given. Offsets are UTF-16 units into `field`. */
export type Evidence = {
  readonly scheme: 'topic' | 'country' | 'cooperation' | 'org' | 'lang';
  readonly tag: string;
  readonly score: number;
  readonly words: readonly {
    readonly field: 'title' | 'summary';
    readonly start: number;
    readonly end: number;
    readonly text: string;
  }[];
};

export type Tags = {
  readonly lang: string;
  readonly topic: Topic;
  readonly relevant: boolean;
  /** Calibrated probability that an editor would call the item relevant, 0–1. */
  readonly relevance: number;
  readonly countries: readonly string[];
  readonly cooperation: readonly Cooperation[];
  readonly orgs: readonly Org[];
  /** The label a site prints over the headline, in the item's own language, or null. */
  readonly kicker: string | null;
  readonly evidence: readonly Evidence[];
};

/** How likely each tag is, 0–1. Tags that are left out have no ground in the text. */
export type SoftTags = {
  /** Of all five topics; they add up to 1, and the first is the calibrated `relevance`. */
  readonly topics: Readonly<Record<Topic, number>>;
  /** Of every state that the text names, or means by an institution, that it is a party; by ISO code. */
  readonly countries: Readonly<Record<string, number>>;
  /** Of every kind of cooperation, given that the item is relevant; they are independent of one another. */
  readonly cooperation: Readonly<Record<Cooperation, number>>;
  /** Organisations are read by rule, so there is no likelihood: those that the text names. */
  readonly orgs: readonly Org[];
};
