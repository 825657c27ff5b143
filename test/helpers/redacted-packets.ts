import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect } from 'vitest';
import type { Run } from '../../src/model/run.js';
import { renderPcapng } from '../../src/report/pcapng/pcapng.js';
import { redactRun } from '../../src/report/redact/redact-run.js';
import { readPcapng } from './read-pcapng.js';
import { occurs } from './redaction.js';

/** The redacted packets of one run. */
export interface RedactedPackets {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly frames: number;
  /** Values that must not be found in them. */
  readonly originals: readonly string[];
}

/** Empty for a run without frames. */
export const redactedPackets = (name: string, run: Run): readonly RedactedPackets[] => {
  const { run: redacted, pairs } = redactRun(run);
  const bytes = renderPcapng(redacted);
  const originals = pairs.map(([original]) => original).filter((value) => value.length >= 5);
  return bytes ? [{ name, bytes, originals, frames: run.evidence?.frames?.length ?? 0 }] : [];
};

/** What tshark decodes of each packet of the files, in their order: every field, without the raw bytes. */
const decoded = async (files: readonly RedactedPackets[]): Promise<readonly string[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'vethoscope-'));
  try {
    const names = files.map((_, index) => join(folder, `${index}.pcapng`));
    for (const [index, { bytes }] of files.entries()) await writeFile(names[index] ?? '', bytes);
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

/** No original value is in any field that tshark decodes, nor in a comment, an interface's or an address's name. */
export const expectNoOriginals = async (files: readonly RedactedPackets[]): Promise<void> => {
  const packets = await decoded(files);
  expect(packets.length).toBe(files.reduce((sum, { frames }) => sum + frames, 0));
  let at = 0;
  for (const { name, bytes, originals, frames } of files) {
    const { comment, interfaces, names } = readPcapng(Buffer.from(bytes));
    const own = packets.slice(at, at + frames);
    const texts = [...own, comment, ...interfaces.map((each) => each.name), ...names.flat()].join('\n');
    at += frames;
    for (const original of originals) expect(occurs(texts, original), `${name}: ${original}`).toBe(false);
  }
};
