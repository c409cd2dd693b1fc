/**
 * Which topic an item has: the mean of a linear model, which knows how strong single signs and constellations of parties are,
 * and a network, which knows what goes together. First whether the item is of the beat, then which of the other four topics.
 */
import type { Reading } from './concepts.ts';
import { isMilitary, topicFeatures } from './features.ts';
import { type Net, netLogits } from './net.ts';
import { TOPICS, type Topic } from './tags.ts';
import { type LinearModel, linearBag } from './weights.ts';

/**
 * `linear.extra` holds `calibration` (slope and shift on the log odds of relevance) and `otherLess`, what the topic `other` loses
 * (in logits) because everyday headlines and the beat's events moved far away, many and nearly all `other`, taught too much of it.
 */
export type TopicModel = { readonly linear: LinearModel; readonly net: Net };

export type TopicScores = {
  /** Log odds that the item is of the beat. */
  readonly relevance: number;
  /** Probabilities of the other four topics where it is not; they add up to 1. */
  readonly others: readonly number[];
};

/** Weighs an item; `inputs` are those of `netInputs`. */
export function weighTopic(
  { linear, net }: TopicModel,
  readings: readonly Reading[],
  inputs: readonly number[],
  outletCountry: string | null,
): TopicScores {
  const one = linearBag(linear, topicFeatures(readings, outletCountry));
  const two = netLogits(net, inputs);
  const others: number[] = [];
  for (let t = 1; t < one.length; t++) others.push((one[t]! + two[t]!) / 2);
  others[others.length - 1]! -= Number(linear.extra.otherLess ?? 0);
  return { relevance: (firstLogit(one) + firstLogit(two)) / 2, others: softmax(others) };
}

/** The log odds of the first class against all others. */
function firstLogit(logits: Float64Array): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let t = 1; t < logits.length; t++) if (logits[t]! > top) top = logits[t]!;
  let sum = 0;
  for (let t = 1; t < logits.length; t++) sum += Math.exp(logits[t]! - top);
  return logits[0]! - top - Math.log(sum);
}

/**
 * What an item without one military word, or without a lead, must reach (log odds): of everyday headlines 5 in 6 have no such
 * word and nearly all no lead, of items of the beat few, so this costs little and keeps false alarms away.
 */
const SCANTY = 1.3;

/** "Military cooperation" is one concept with "cooperation": whether it is of arms only its words say, in whatever language. */
const OF_ARMS =
  /milit|defen[cs]|vojn|vojaš|obra[nm]|odbran|ushtar|mbrojt|apăr|aparar|katon|védelm|haditech|hadiip|asker|savunma|војн|воен|вој|одбран|отбран|στρατ|αμυντ|άμυν/iu;

const saysMilitary = ({ words, hits }: Reading): boolean =>
  hits.some(
    (hit) =>
      isMilitary(hit) ||
      (hit.value === 'cooperation' && OF_ARMS.test(words.text.slice(words.start[hit.first], words.end[hit.last]))),
  );

/** The topic to tell. */
export function chosenTopic({ relevance, others }: TopicScores, readings: readonly Reading[]): Topic {
  const full = readings.length > 1 && readings.some(saysMilitary);
  if (relevance > (full ? 0 : SCANTY)) return TOPICS[0];
  return TOPICS[1 + others.indexOf(Math.max(...others))]!;
}

/** Every topic's probability, the first calibrated; they add up to 1. */
export function likelyTopics({ linear }: TopicModel, { relevance, others }: TopicScores): number[] {
  const [slope = 1, shift = 0] = (linear.extra.calibration ?? []) as readonly number[];
  // Platt's scaling, fitted on items held out of training.
  const first = Math.round(1e4 / (1 + Math.exp(-(slope * relevance + shift)))) / 1e4;
  return [first, ...others.map((x) => x * (1 - first))];
}

function softmax(logits: readonly number[]): number[] {
  const top = Math.max(...logits);
  const raised = logits.map((x) => Math.exp(x - top));
  const sum = raised.reduce((a, b) => a + b, 0);
  return raised.map((x) => x / sum);
}
