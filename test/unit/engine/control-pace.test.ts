import { expect, test } from 'vitest';
import { asControl } from '../../../src/engine/plan.js';
import type { ProbeSettings } from '../../../src/model/probe.js';

const SETTINGS: ProbeSettings = {
  protocol: 'tcp',
  count: 3,
  intervalMs: 20,
  adaptive: true,
  size: 57,
  df: false,
  source: null,
  mark: 0,
  timeoutMs: 1000,
  controlGroup: '/sys/fs/cgroup/web',
  sourcePort: 4711,
};

const pace = (count: number, intervalMs: number, adaptive = false) => {
  const control = asControl({ ...SETTINGS, count, intervalMs, adaptive });
  return [control.count, control.intervalMs];
};

test('a control is sent from nowhere else, and at the pace of a few probes', () => {
  const { controlGroup: _group, sourcePort: _port, ...plain } = SETTINGS;
  expect(asControl(SETTINGS)).toEqual(plain);
  expect(pace(1, 1000)).toEqual([1, 1000]);
});

test('at an even pace it takes no turns with the probe, and no longer', () => {
  expect(pace(20, 20)).toEqual([14, 30]);
  expect(pace(200, 2)).toEqual([134, 3]);
  for (const count of [2, 3, 4, 20, 50, 1000]) {
    const [sent = 0, interval = 0] = pace(count, 20);
    expect((sent - 1) * interval).toBeLessThanOrEqual((count - 1) * 20 + 10);
  }
});
