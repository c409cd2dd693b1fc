import { expect, test } from 'vitest';
import { replay } from '../../scripts/replay-schedule.ts';

test('on replayed publishing the schedule finds items as soon as polling every 15 minutes, with at most half the requests', () => {
  const { ours, every15Minutes } = replay({ feeds: 60, days: 14, seed: 7 });
  console.log(`own rhythm ${JSON.stringify(ours)}, every 15 minutes ${JSON.stringify(every15Minutes)}`);
  expect(ours.items).toBeGreaterThan(10_000);
  expect(ours.medianDelayS).toBeLessThanOrEqual(every15Minutes.medianDelayS);
  expect(ours.requests).toBeLessThanOrEqual(every15Minutes.requests / 2);
});
