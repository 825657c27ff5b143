import { describe, expect, test } from 'vitest';
import { walkFilters } from '../../../../src/netfilter/tc/walk-filters.js';
import { parseTcFilter } from '../../../../src/parse/tc.js';
import { textbookPacket } from '../helpers/state.js';

/** A filter as tc shows it, from the text of its bytecode. */
const shown = (bytecode: string, more: Readonly<Record<string, unknown>> = {}) => {
  const insns = bytecode.split(',').map((line) => {
    const [code, jt, jf, k] = line.split(' ').map(Number);
    return { code, jt, jf, k };
  });
  const options = { 'direct-action': true, bytecode: { length: insns.length, insns } };
  return { protocol: 'all', pref: 1, kind: 'bpf', options, ...more };
};

const verdictOf = (...rows: readonly unknown[]) =>
  walkFilters(parseTcFilter(JSON.stringify(rows), 'eth0', 'egress'), 'egress', textbookPacket);

const DROP = '6 0 0 2';
const NEXT = '6 0 0 4294967295';
const PASS = '6 0 0 0';

describe('the filters of tc', () => {
  test('are asked by preference, until one decides', () => {
    expect(verdictOf(shown(DROP, { pref: 2 }), shown(PASS)).verdict).toBe('pass');
    expect(verdictOf(shown(DROP, { pref: 2 }), shown(NEXT))).toMatchObject({
      verdict: 'drop',
      filter: { preference: 2 },
    });
    expect(verdictOf(shown(NEXT)).verdict).toBe('pass');
  });

  test('see the frames of their own protocol alone', () => {
    expect(verdictOf(shown(DROP, { protocol: 'ipv6' })).verdict).toBe('pass');
    expect(verdictOf(shown(DROP, { protocol: '802.1ad' })).verdict).toBe('pass');
    expect(verdictOf(shown(DROP, { protocol: 'ip' })).verdict).toBe('drop');
  });

  test('of another chain are not asked by themselves', () => {
    expect(verdictOf(shown(DROP, { chain: 5 })).verdict).toBe('pass');
  });

  test('leave open what a program does that cannot be read', () => {
    const offloaded = shown(DROP);
    expect(verdictOf({ ...offloaded, options: { ...offloaded.options, skip_sw: true } }).verdict).toBe('unknown');
    const options = { 'direct-action': true, bpf_name: 'cil_from_container', id: 7 };
    expect(verdictOf(shown(DROP, { options }))).toMatchObject({
      verdict: 'unknown',
      doubt: 'tc filter bpf (pref 1) at the egress of eth0: its program cannot be read',
    });
    expect(verdictOf({ protocol: 'all', pref: 1, kind: 'u32', options: { fh: '800:' } }).verdict).toBe('unknown');
  });

  test('leave open what hangs on bytes that nobody knows', () => {
    const identification = '40 0 0 18,21 0 1 5';
    expect(verdictOf(shown(`${identification},${DROP},${PASS}`)).doubt).toContain('bytes that are not known');
    expect(verdictOf(shown(`${identification},${DROP},${DROP}`)).verdict).toBe('drop');
  });

  test('know that a packet is no fragment, although DF is not known', () => {
    expect(verdictOf(shown(`40 0 0 20,69 0 1 8191,${DROP},${PASS}`)).verdict).toBe('pass');
    expect(verdictOf(shown(`40 0 0 20,69 0 1 16384,${DROP},${PASS}`)).verdict).toBe('unknown');
  });

  test('end with 0 where a program reads behind the frame', () => {
    expect(verdictOf(shown(`32 0 0 20000,${DROP}`)).verdict).toBe('pass');
  });

  test('do not follow a program without end', () => {
    const branches = Array.from({ length: 60 }, () => '40 0 0 18,21 0 0 5').join(',');
    expect(verdictOf(shown(`${branches},${DROP}`)).verdict).toBe('unknown');
  });

  test('of redirection are left open', () => {
    expect(verdictOf(shown('6 0 0 7')).doubt).toContain('leads the packet elsewhere');
  });
});
