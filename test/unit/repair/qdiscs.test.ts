import { expect, test } from 'vitest';
import type { Remedy } from '../../../src/model/finding.js';
import type { Run } from '../../../src/model/run.js';
import { describeCommand } from '../../../src/repair/command.js';
import { isWhole } from '../../../src/repair/facts/facts.js';
import { qdiscFacts } from '../../../src/repair/facts/from-tc.js';
import { planRepair } from '../../../src/repair/plan.js';
import { restoreCommands } from '../../../src/repair/restore-commands.js';

const TBF = {
  kind: 'tbf',
  handle: '8079:',
  dev: 'eth0',
  root: true,
  refcnt: 3,
  options: {
    rate: 2000,
    burst: '1600b/1',
    mpu: 0,
    burst_raw: 'bebc20',
    lat: 0,
    limit: 1600,
    linklayer: 'ethernet',
  },
};
const HTB = {
  kind: 'htb',
  handle: '807b:',
  dev: 'br0',
  root: true,
  options: { r2q: 10, default: '0', direct_packets_stat: 7, ver: '3.17', direct_qlen: 0 },
};
const LEAF = { kind: 'fq_codel', handle: '10:', dev: 'eth0', parent: '8079:1', options: {} };
const INGRESS = { kind: 'clsact', handle: 'ffff:', dev: 'eth0', parent: 'ffff:fff1' };
const DEFAULT = { kind: 'noqueue', handle: '0:', dev: 'veth1_p', root: true, options: {} };

const printed = (rows: readonly object[], ...withClasses: readonly string[]): string =>
  [JSON.stringify(rows), '', ...withClasses].join('\n');

test('what stands at the root, in the words of tc; not what the kernel chose by itself', () => {
  expect(qdiscFacts(printed([TBF, HTB, INGRESS, DEFAULT]))).toEqual([
    ['qdisc', 'eth0', 'handle 8079: tbf rate 2000bps burst 1600b limit 1600b'],
    ['qdisc', 'br0', 'handle 807b: htb r2q 10 default 0 direct_qlen 0'],
  ]);
});

test.each([
  ['has another below it', printed([TBF, LEAF])],
  ['has a peak rate', printed([{ ...TBF, options: { ...TBF.options, peakrate: 9000 } }])],
  ['counts cells of ATM', printed([{ ...TBF, options: { ...TBF.options, linklayer: 'atm' } }])],
  [
    'has a burst that no number of bytes takes',
    printed([{ ...TBF, options: { ...TBF.options, burst_raw: 'bebc21' } }]),
  ],
  ['is offloaded', printed([{ ...HTB, options: { ...HTB.options, offload: null } }])],
  ['has classes', printed([HTB], 'br0')],
  ['is of another kind', printed([{ ...TBF, kind: 'cake' }])],
])('one that %s cannot be put back whole', (_name, output) => {
  expect(qdiscFacts(output).map(([, , value]) => isWhole(value))).toEqual([false]);
});

test('it is put back with its handle and figures, and taken away again', () => {
  const wanted = 'handle 8079: tbf rate 2000bps burst 1600b limit 1600b';
  const fact = { netns: 'host', facet: 'qdisc', key: 'eth0' } as const;
  expect(restoreCommands({ ...fact, current: null, wanted })).toEqual([
    ['tc', 'qdisc', 'add', 'dev', 'eth0', 'root', ...wanted.split(' ')],
  ]);
  expect(restoreCommands({ ...fact, current: wanted, wanted: null })).toEqual([
    ['tc', 'qdisc', 'del', 'dev', 'eth0', 'root'],
  ]);
});

test.each(['tc qdisc del dev eth0 ingress', 'tc qdisc replace dev eth0 root fq', 'tc filter del dev eth0 ingress'])(
  'is not run: %s',
  (command) => {
    expect(describeCommand(command.split(' '))).toBeNull();
  },
);

const REMEDY: Remedy = {
  kind: 'runtime',
  title: 'take the limit of eth0 away',
  netns: 'host',
  commands: [['tc', 'qdisc', 'del', 'dev', 'eth0', 'root']],
  undo: [],
  risk: 'medium',
  riskText: '',
};

test.each([
  [1, printed([TBF])],
  [0, printed([TBF, LEAF])],
  [0, ''],
])('%i steps for it', (steps, output) => {
  const run = {
    run: { id: 'r1', hostname: 'vm' },
    target: { spelled: 'net1' },
    flow: { destinationText: '203.0.113.5' },
    findings: [{ rank: 'root', cause: 'uplink-qdisc-drop', title: '', remedies: [REMEDY] }],
  } as unknown as Run;
  const state = new Map([
    ['host', new Map(qdiscFacts(output).map(([facet, key, value]) => [`${facet} ${key}`, value]))],
  ]);
  const plan = planRepair(run, state, { only: null, strict: false, from: 1, run: 'r1' });
  expect(plan.steps).toHaveLength(steps);
  expect(plan.byHand).toHaveLength(1 - steps);
});
