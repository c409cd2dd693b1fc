/** A permanent redirect seen on a feed and not yet believed. */
export type MoveEvidence = {
  readonly url: string;
  /** When it was first answered, in a row without another answer between. */
  readonly firstSeen: Date;
  readonly answers: number;
};

export type MoveJudgement = {
  /** The feed's address from now on, or null while nothing is proven. */
  readonly moveTo: string | null;
  /** What to remember until the next answer. */
  readonly evidence: MoveEvidence | null;
};

const ANSWERS_NEEDED = 3;
const SPAN_NEEDED_MS = 86_400_000;

/**
 * Whether a feed has moved for good. Call it with each answer that is a feed (a document that could be read, or a 304):
 * `permanentUrl` is where an unbroken run of 301 and 308 led, null where there was none, which sets everything back. By hand the
 * first answer counts; else three equal answers over at least a day, for a maintenance page is a permanent redirect too, now and then.
 */
export function judgeMove(
  before: MoveEvidence | null,
  { permanentUrl, now, byHand }: { readonly permanentUrl: string | null; readonly now: Date; readonly byHand: boolean },
): MoveJudgement {
  if (permanentUrl === null) return { moveTo: null, evidence: null };
  if (byHand) return { moveTo: permanentUrl, evidence: null };
  const evidence =
    before?.url === permanentUrl
      ? { ...before, answers: before.answers + 1 }
      : { url: permanentUrl, firstSeen: now, answers: 1 };
  const isProven = evidence.answers >= ANSWERS_NEEDED && now.getTime() - evidence.firstSeen.getTime() >= SPAN_NEEDED_MS;
  return isProven ? { moveTo: permanentUrl, evidence: null } : { moveTo: null, evidence };
}
