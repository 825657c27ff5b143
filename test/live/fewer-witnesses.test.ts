import { readdirSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultNamed } from '../../src/cli/lab-names.js';
import { rightCauses } from '../../src/lab/fault.js';
import type { Run } from '../../src/model/run.js';
import { openLab, type TestLab } from '../helpers/lab.js';
import { runOf } from '../helpers/trace.js';

const DESTINATION = '203.0.113.5';
const FAULTS = [
  'br-down',
  'ctr-fw-output-drop',
  'host-ip-forward-off',
  'nf-forward-policy-drop',
  'nf-missing-masquerade',
  'nf-raw-drop-direct',
];

/** A folder with every program of PATH but those; the caller removes it. */
const pathWithout = async (...names: readonly string[]): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'vethoscope-test-'));
  const programs = new Map<string, string>();
  for (const place of `${process.env['PATH']}${delimiter}/usr/sbin${delimiter}/sbin`.split(delimiter)) {
    for (const name of programsIn(place)) if (!programs.has(name)) programs.set(name, join(place, name));
  }
  for (const name of names) programs.delete(name);
  await Promise.all([...programs].map(([name, file]) => symlink(file, join(folder, name))));
  return folder;
};

const programsIn = (place: string): readonly string[] => {
  try {
    return readdirSync(place);
  } catch {
    return [];
  }
};

/** The program looks into the folders of the system as well: in the lab alone, one without those takes its place. */
const emptied = (names: readonly string[]): string =>
  [
    'mkdir -p /run/sbin',
    'mount --bind /usr/sbin /run/sbin',
    'mount -t tmpfs none /usr/sbin',
    'for file in /run/sbin/*; do ln -s $file /usr/sbin/; done',
    `cd /usr/sbin && rm -f ${names.join(' ')}`,
  ].join(' && ');

const HIDE_TRACEFS = ['mount -t tmpfs none /sys/kernel/tracing', 'mount -t tmpfs none /sys/kernel/debug || true'];
const SAVES = ['iptables-save', 'iptables-nft-save', 'iptables-legacy-save'];

/** What is taken away, how the run calls it, and how many of the faults are then still named. */
const TAKEN = [
  { what: 'tcpdump', programs: ['tcpdump'], hide: [], limit: /^captures: tcpdump is not installed/, right: 6 },
  { what: 'iptables-save', programs: SAVES, hide: [], limit: /^iptables-(nft|legacy)-save: /, right: 4 },
  { what: 'nft', programs: ['nft'], hide: [], limit: /^nft: /, right: 5 },
  {
    what: 'tracefs',
    programs: ['mount'],
    hide: HIDE_TRACEFS,
    limit: /^kernel drop events: tracefs is not mounted/,
    right: 5,
  },
  {
    what: 'tcpdump and tracefs',
    programs: ['tcpdump', 'mount'],
    hide: HIDE_TRACEFS,
    limit: /^captures: tcpdump is not installed/,
    right: 2,
  },
] as const;

describe.each(TAKEN)('without $what', ({ programs, hide, limit, right }) => {
  let lab: TestLab;
  let path: string;
  let named = 0;
  const trace = async (): Promise<Run> => runOf(await lab.trace(['net1', DESTINATION], { env: { PATH: path } }));

  beforeAll(async () => {
    lab = await openLab('textbook');
    path = await pathWithout(...programs);
    await lab.run([...hide, emptied(programs)]);
  });
  afterAll(async () => {
    await lab.close();
    await rm(path, { recursive: true });
  });

  test('what works is said to work, and what is missing is named in one line', async () => {
    const run = await trace();
    expect(run.diagnosis.status).toBe('ok');
    const lines = run.limits.map(({ what, why }) => `${what}: ${why}`);
    expect(lines).toContainEqual(expect.stringMatching(limit));
    expect(new Set(lines).size).toBe(lines.length);
  });

  test.each(FAULTS)('%s: its cause, or no cause and the reason', async (id) => {
    const fault = faultNamed(id);
    await lab.run(fault.break);
    const { diagnosis } = await trace();
    await lab.run(fault.undo);
    if (diagnosis.cause !== null && rightCauses(fault).includes(diagnosis.cause)) named += 1;
    else expect(diagnosis).toMatchObject({ status: 'inconclusive', cause: null, doubts: [expect.stringMatching(/./)] });
  });

  test(`at least ${right} of ${FAULTS.length} are named`, () => {
    expect(named).toBeGreaterThanOrEqual(right);
  });
});

describe('the wait for an answer, without tcpdump', () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await openLab('textbook');
    await lab.run([emptied(['tcpdump'])]);
  });
  afterAll(() => lab.close());
  const PATIENCE_MS = 4000;
  const traced = async (broken: string): Promise<Run> => {
    const fault = faultNamed(broken);
    const path = await pathWithout('tcpdump');
    await lab.run(fault.break);
    try {
      return runOf(await lab.trace(['net1', DESTINATION, '--wait', `${PATIENCE_MS}ms`], { env: { PATH: path } }));
    } finally {
      await lab.run(fault.undo);
      await rm(path, { recursive: true });
    }
  };

  test.each(['host-ip-forward-off', 'nf-forward-policy-drop', 'nf-raw-drop-direct'])(
    '%s: no answer is awaited once the kernel has told of every drop and a counter agrees',
    async (id) => {
      const { diagnosis, run } = await traced(id);
      expect(diagnosis).toMatchObject({ status: 'fault', cause: id, confidence: 'certain' });
      expect(run.phasesMs['probe']).toBeLessThan(PATIENCE_MS);
    },
  );

  test('what nothing but the missing answer tells is waited for', async () => {
    const { diagnosis, run } = await traced('nf-missing-masquerade');
    expect(diagnosis).toMatchObject({ status: 'fault', cause: 'nf-missing-masquerade' });
    expect(run.phasesMs['probe']).toBeGreaterThanOrEqual(PATIENCE_MS);
  });
});
