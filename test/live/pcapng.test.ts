import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { diagnose } from '../../src/engine/diagnose.js';
import { renderPcapng } from '../../src/report/pcapng/pcapng.js';
import { redactRun } from '../../src/report/redact/redact-run.js';
import { recorded, recordedIds, runFrom } from '../helpers/evidence.js';
import { expectNoOriginals, redactedPackets } from '../helpers/redacted-packets.js';
import { storedRun, storedRunNames } from '../helpers/stored-runs.js';

const bytesOf = (name: string, redacted: boolean): Uint8Array => {
  const run = storedRun(name);
  const bytes = renderPcapng(redacted ? redactRun(run).run : run);
  if (!bytes) throw new Error('no pcapng');
  return bytes;
};

const hasTshark = (await execa('tshark', ['--version'], { reject: false })).exitCode === 0;

const FIELDS = [
  'frame.interface_name',
  'frame.comment',
  'ip.src',
  'ip.dst',
  'ip.checksum.status',
  'icmp.checksum.status',
];

const dissected = async (bytes: Uint8Array): Promise<readonly (readonly string[])[]> => {
  const args = [
    '-o',
    'ip.check_checksum:TRUE',
    '-T',
    'fields',
    '-E',
    'occurrence=f',
    ...FIELDS.flatMap((field) => ['-e', field]),
  ];
  const folder = await mkdtemp(join(tmpdir(), 'vethoscope-'));
  try {
    const file = join(folder, 'run.pcapng');
    await writeFile(file, bytes);
    const { stdout } = await execa('tshark', ['-r', file, ...args], { stripFinalNewline: true });
    return stdout.split('\n').map((line) => line.split('\t'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

describe.each(storedRunNames)('%s', (name) => {
  const frames = storedRun(name).evidence?.frames ?? [];

  test.each([false, true])('tcpdump reads every packet (redacted: %s)', async (redacted) => {
    const { stdout, stderr } = await execa('tcpdump', ['-nn', '-tttt', '-r', '-'], { input: bytesOf(name, redacted) });
    expect(stdout.split('\n')).toHaveLength(frames.length);
    expect(stdout).not.toMatch(/truncated|invalid|\[\|/);
    expect(stderr).toContain('link-type EN10MB');
  });

  test('tshark reads names, comments and right checksums', async ({ skip }) => {
    skip(!hasTshark, 'tshark is not installed');
    const run = storedRun(name);
    const expected = frames
      .toSorted((a, b) => a.at - b.at)
      .map((frame) => {
        const hop = run.path.hops.find((candidate) => candidate.id === frame.hop);
        return `${frame.hop.slice(1)} ${hop?.ifname}@${hop?.netns === 'host' ? 'prod-7' : 'net1'}`;
      });
    const rows = await dissected(bytesOf(name, false));
    expect(rows.map(([interfaceName]) => interfaceName)).toEqual(expected);
    const redacted = await dissected(bytesOf(name, true));
    expect(redacted.map((row) => row.slice(4))).toEqual(rows.map((row) => row.slice(4)));
    expect(redacted.flatMap((row) => [row[2], row[3]]).join(' ')).not.toMatch(
      /203\.0\.113\.|198\.51\.100\.|192\.168\.0\./,
    );
    expect(rows.every((row) => row[4] === '1')).toBe(true);
  });
});

test('no original value is decoded from the redacted packets of any recording', { timeout: 240_000 }, async ({
  skip,
}) => {
  skip(!hasTshark, 'tshark is not installed');
  const files = recordedIds.flatMap((id) => {
    const evidence = recorded(id);
    return redactedPackets(id, { ...runFrom(evidence, diagnose(evidence)), evidence });
  });
  expect(files.length).toBeGreaterThan(30);
  await expectNoOriginals(files);
});
