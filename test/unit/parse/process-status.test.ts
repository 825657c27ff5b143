import { describe, expect, test } from 'vitest';
import { parseProcessStatus } from '../../../src/parse/process-status.js';

const status = (sets: Partial<Record<'eff' | 'prm' | 'bnd', string>>, noNewPrivs = 0): string =>
  [
    'Name:\tnginx',
    'Gid:\t101\t1001\t101\t101',
    'Groups:\t101 2000 ',
    'CapInh:\t0000000000000000',
    `CapPrm:\t${sets.prm ?? '0000000000000000'}`,
    `CapEff:\t${sets.eff ?? '0000000000000000'}`,
    `CapBnd:\t${sets.bnd ?? '0000000000000000'}`,
    `NoNewPrivs:\t${noNewPrivs}`,
    '',
  ].join('\n');

/** Docker's own set, and the same without CAP_NET_RAW. */
const DOCKER = '00000000a80425fb';
const WITHOUT_RAW = '00000000a80405fb';

describe('what a process may open', () => {
  test.each([
    ['yes', { eff: DOCKER, prm: DOCKER, bnd: DOCKER }, 0],
    ['no', { eff: WITHOUT_RAW, prm: WITHOUT_RAW, bnd: WITHOUT_RAW }, 0],
    ['no', {}, 0],
    ['by-file', { bnd: DOCKER }, 0],
    ['no', { bnd: DOCKER }, 1],
    ['by-file', { prm: DOCKER, bnd: DOCKER }, 1],
  ] as const)('%s for the sets %o with NoNewPrivs %i', (rawSockets, sets, noNewPrivs) => {
    expect(parseProcessStatus(status(sets, noNewPrivs))).toEqual({ rawSockets, groups: [1001, 101, 2000] });
  });

  test('a process without supplementary groups has its effective one', () => {
    expect(parseProcessStatus(status({}).replace('101 2000 ', '')).groups).toEqual([1001]);
  });

  test('a status without capabilities is refused, not read as none', () => {
    expect(() => parseProcessStatus('Name:\tx\nGid:\t0\t0\t0\t0\nGroups:\t\n')).toThrow('no line Cap');
  });
});
