import { describe, expect, test } from 'vitest';
import type { ScenarioHint } from '../../../src/model/scenario.js';
import { chooseHint } from '../../../src/workshop/hints.js';

const probe = { kind: 'setting', name: 'net.ipv4.ip_forward', netns: 'host', is: '0' } as const;

const HINTS: readonly ScenarioHint[] = [
  { when: { notTried: 'tcpdump' }, text: 'capture' },
  { when: { tried: 'iptables', probe }, text: 'not the rules' },
  { when: { probe }, text: 'a setting' },
  { when: { afterMs: 240_000 }, text: 'ip_forward' },
];

const choose = (commands: readonly string[], elapsedMs: number, given: readonly number[], holds = true) =>
  chooseHint(HINTS, { commands, elapsedMs, given }, async () => holds);

describe('the hint', () => {
  test.each<[string, Parameters<typeof choose>, object]>([
    ['begins with the first that fits', [[], 0, []], { index: 0, text: 'capture', again: false }],
    ['depends on what was tried', [['tcpdump -ni br0', 'iptables -S'], 0, []], { index: 1, text: 'not the rules' }],
    ['goes on to the next', [['tcpdump -ni br0'], 0, []], { index: 2, text: 'a setting' }],
    ['waits for its time', [['tcpdump -ni br0'], 239_999, [2]], { index: 2, again: true }],
    ['comes when its time has come', [['tcpdump -ni br0'], 240_000, [2]], { index: 3, again: false }],
    ['is repeated, the last one first', [[], 0, [0, 2]], { index: 2, again: true }],
    ['depends on the state of the lab', [['tcpdump'], 0, [], false], { kind: 'none' }],
    ['is not repeated when it fits no more', [['tcpdump'], 0, [0], false], { kind: 'none' }],
  ])('%s', async (_, words, wanted) => {
    expect(await choose(...words)).toMatchObject(wanted);
  });

  test('asks the lab for no condition that the rest has decided', async () => {
    let asked = 0;
    await chooseHint(HINTS, { commands: [], elapsedMs: 0, given: [] }, async () => {
      asked += 1;
      return true;
    });
    expect(asked).toBe(1);
  });
});
