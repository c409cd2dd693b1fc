import { describe, expect, test } from 'vitest';
import { type NetExample, trainNet } from '../../scripts/net.ts';
import { readItem } from '../../src/tag/concepts.ts';
import { conceptInputs, netLogits } from '../../src/tag/net.ts';

const OPTIONS = {
  ...{ classes: ['neither', 'one', 'both'], softmax: true, hidden: 8, nets: 2, epochs: 60, rate: 0.1 },
  ...{ decay: 1e-4, drop: 0, dropHidden: 0, least: 1 },
};
const [LEFT, RIGHT] = [1001, -2002];
const cases: readonly (readonly [readonly number[], number])[] = [
  [[], 0],
  [[LEFT], 1],
  [[RIGHT], 1],
  [[LEFT, RIGHT], 2],
];
const examples: NetExample[] = Array.from({ length: 40 }, () => cases)
  .flat()
  .map(([inputs, right]) => ({ inputs, target: [0, 1, 2].map((c) => (c === right ? 1 : 0)), weight: 1 }));

describe('a network', () => {
  const net = trainNet(examples, OPTIONS);

  test('learns what goes together, after its numbers were cut to bytes too', () => {
    for (const [inputs, right] of cases) {
      const logits = [...netLogits(net, inputs)];
      expect(logits.indexOf(Math.max(...logits))).toBe(right);
    }
  });

  test('counts a feature once and passes over those it never saw', () => {
    expect(netLogits(net, [LEFT, LEFT, 77, LEFT])).toEqual(netLogits(net, [LEFT]));
  });

  test('is the same whenever it is trained', () => {
    expect(trainNet(examples, OPTIONS)).toEqual(net);
  });
});

test('concepts are the same in two languages', () => {
  const english = readItem({ title: 'Defence ministers signed an agreement', summary: null }, 'en');
  const serbian = readItem({ title: 'Ministri odbrane potpisali su sporazum', summary: null }, 'sr-Latn');
  const shared = new Set(conceptInputs(english));
  expect(conceptInputs(serbian).filter((input) => shared.has(input)).length).toBeGreaterThan(4);
});
