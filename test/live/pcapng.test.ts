import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { diagnose } from '../../src/engine/diagnose.js';
import { renderPcapng } from '../../src/report/pcapng/pcapng.js';
import { redactRun } from '../../src/report/redact/redact-run.js';
import { recorded, recordedIds, runFrom } from '../helpers/evidence.js';
import { readPcapng } from '../helpers/read-pcapng.js';
import { occurs } from '../helpers/redaction.js';
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

/** Every field that tshark decodes of each packet of the files, in their order, without the raw bytes. */
const decoded = async (files: readonly Uint8Array[]): Promise<readonly string[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'vethoscope-'));
  try {
    const names = files.map((_, index) => join(folder, `${index}.pcapng`));
    for (const [index, name] of names.entries()) await writeFile(name, files[index] ?? '');
    const all = join(folder, 'all.pcapng');
    await execa('mergecap', ['-a', '-w', all, ...names]);
    const { stdout } = await execa('tshark', ['-n', '-r', all, '-T', 'pdml'], { maxBuffer: 500_000_000 });
    return stdout
      .replaceAll(/ value="[^"]*"/g, '')
      .split('<packet>')
      .slice(1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

test('no original value is decoded from the redacted packets of any recording', { timeout: 240_000 }, async ({
  skip,
}) => {
  skip(!hasTshark, 'tshark is not installed');
  const files = recordedIds.flatMap((id) => {
    const evidence = recorded(id);
    const { run, pairs } = redactRun({ ...runFrom(evidence, diagnose(evidence)), evidence });
    const bytes = renderPcapng(run);
    const originals = pairs.map(([original]) => original).filter((value) => value.length >= 5);
    return bytes ? [{ id, bytes, originals, frames: evidence.frames?.length ?? 0 }] : [];
  });
  expect(files.length).toBeGreaterThan(30);
  const packets = await decoded(files.map(({ bytes }) => bytes));
  expect(packets.length).toBe(files.reduce((sum, { frames }) => sum + frames, 0));
  let at = 0;
  for (const { id, bytes, originals, frames } of files) {
    const { comment, interfaces, names } = readPcapng(Buffer.from(bytes));
    const own = packets.slice(at, at + frames);
    const texts = [...own, comment, ...interfaces.map(({ name }) => name), ...names.flat()].join('\n');
    at += frames;
    for (const original of originals) expect(occurs(texts, original), `${id}: ${original}`).toBe(false);
  }
});
