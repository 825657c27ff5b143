import { describe, expect, test } from 'vitest';
import { changesSince } from '../../../src/engine/watch-changes.js';
import { delaysOf, HopStatistics } from '../../../src/engine/watch-stats.js';
import type { Met } from '../../../src/model/met.js';
import { brokenForward, healthy, MET, sightingsOf } from '../../helpers/tui-trace.js';

describe('delays', () => {
  test('none without an answer', () => {
    expect(delaysOf([])).toBeNull();
    expect(delaysOf([null, null])).toBeNull();
  });

  test('minimum, median, 99th percentile by nearest rank, and jitter in the order of time', () => {
    const samples = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(delaysOf(samples)).toEqual({ min: 1, median: 50, p99: 99, jitter: 1 });
    expect(delaysOf([5, null, 1, 9])).toEqual({ min: 1, median: 5, p99: 9, jitter: 6 });
    expect(delaysOf([7])).toEqual({ min: 7, median: 7, p99: 7, jitter: 0 });
  });
});

describe('counts per hop', () => {
  test('of requests and replies, with the delay between the two', () => {
    const statistics = new HopStatistics();
    statistics.add(['h1', 'h4'], sightingsOf({ requests: 4, replies: 1 }), 3);
    const first = statistics.of('h1', 'eth0');
    expect([first.forward, first.return]).toEqual([3, 3]);
    expect(first.recent).toEqual([0.092, 0.092, 0.092]);
    expect(statistics.of('h4', 'eth0').recent).toEqual([0.068, 0.068, 0.068]);
  });

  test('a probe that is not seen twice is lost', () => {
    const statistics = new HopStatistics();
    statistics.add(['h1', 'h4'], sightingsOf({ requests: 3, replies: null }), 3);
    expect(statistics.of('h1', 'eth0')).toMatchObject({
      forward: 3,
      return: 0,
      delays: null,
      recent: [null, null, null],
    });
    expect(statistics.of('h4', 'eth0')).toMatchObject({ forward: 0, return: 0 });
  });

  test('samples are bounded, counts are not', () => {
    const statistics = new HopStatistics();
    for (let round = 0; round < 1000; round += 1) statistics.add(['h1'], sightingsOf({ requests: 4, replies: 1 }), 3);
    const hop = statistics.of('h1', 'eth0');
    expect(hop.forward).toBe(3000);
    expect(hop.recent.length).toBeLessThanOrEqual(120);
  });
});

describe('changes', () => {
  const quiet: readonly Met[] = MET.map((met) => ({ ...met, outcome: 'pass' as const }));

  test('the first round tells its status', () => {
    expect(changesSince(null, { run: healthy(), met: quiet }, 5)).toEqual([
      { at: 5, kind: 'status', text: 'ok: 203.0.113.5 answers net1' },
    ]);
  });

  test('nothing, when nothing has changed', () => {
    expect(changesSince({ run: healthy(), met: quiet }, { run: healthy(), met: quiet }, 5)).toEqual([]);
  });

  test('a status, a setting and a rule that are not as before', () => {
    const [route, post] = MET;
    const now = [route, { ...post, rules: [] }] as readonly Met[];
    const texts = changesSince({ run: healthy(), met: quiet }, { run: brokenForward(), met: now }, 5).map(
      ({ text }) => text,
    );
    expect(texts).toEqual([
      'fault[V3001]: host does not forward packets: net.ipv4.ip_forward = 0',
      'no more: out route: forwarding off on br0 pass',
      'no more: out postrouting: nft ip nat POSTROUTING 1: -A POSTROUTING -o eth0 -j MASQUERADE',
      'now: out route: forwarding off on br0 drop',
    ]);
  });

  test('a neighbour that the kernel asks again is no change; one that does not answer any more is', () => {
    const neighbour = (state: string): readonly Met[] => [
      { ...(MET[0] as Met), outcome: 'pass', text: `neighbour 192.168.0.2: ${state}` },
    ];
    const run = healthy();
    for (const state of ['STALE', 'DELAY', 'PROBE'])
      expect(changesSince({ run, met: neighbour('REACHABLE') }, { run, met: neighbour(state) }, 5)).toEqual([]);
    const texts = changesSince({ run, met: neighbour('STALE') }, { run, met: neighbour('FAILED') }, 5).map(
      (one) => one.text,
    );
    expect(texts).toEqual([
      'no more: out route: neighbour 192.168.0.2: resolved pass',
      'now: out route: neighbour 192.168.0.2: FAILED pass',
    ]);
  });

  test('a device that went down', () => {
    const run = healthy();
    const down = {
      ...run,
      path: { ...run.path, hops: run.path.hops.map((hop) => (hop.id === 'h4' ? { ...hop, down: true } : hop)) },
    };
    expect(changesSince({ run, met: quiet }, { run: down, met: quiet }, 5)).toEqual([
      {
        at: 5,
        kind: 'path',
        text: 'path: socket eth0 veth1_p br0 eth0 outside -> socket eth0 veth1_p br0 eth0 (down) outside',
      },
    ]);
  });
});
