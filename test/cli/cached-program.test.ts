import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';

const DIST = new URL('../../dist/', import.meta.url).pathname;
const SOURCE = 'trace.cjs';
const SUFFIX = `.${process.versions.v8}-${process.arch}.cache`;
const SOURCES = readdirSync(DIST).filter((name) => /^trace.*\.cjs$/.test(name));
const COMPILED = readdirSync(DIST).filter((name) => name.endsWith('.cache'));

/** The program where it is installed: its own folder and nothing of the project. */
const installed = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'vethoscope-installed-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(DIST, join(folder, 'dist'), { recursive: true, filter: (name) => !/\.map$|THIRD-PARTY/.test(name) });
  cpSync(new URL('../../package.json', import.meta.url).pathname, join(folder, 'package.json'));
  return join(folder, 'dist');
};

const traced = async (dist: string, ...options: string[]) => {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [...options, join(dist, 'bin.cjs'), 'trace', 'x'],
    {
      reject: false,
    },
  );
  return { exitCode, stdout, stderr };
};

const WITHOUT_DESTINATION = {
  exitCode: 2,
  stdout: '',
  stderr: "error: missing required argument 'destination'\nhint: vethoscope trace --help",
};

test('the walkers and the checks are a part of their own, which is loaded later', () => {
  const parts = SOURCES.map((name) => [name, readFileSync(join(DIST, name), 'latin1')] as const);
  expect(parts.find(([, text]) => text.includes('#region checks/'))?.[0]).toBe('trace-after-probe.cjs');
  const first = parts.filter(([, text]) => /require\("\.\/trace-after-probe\.cjs"\)/.test(text));
  expect(first.map(([name, text]) => [name, /^const .*require\("\.\/trace-after-probe/m.test(text)])).toEqual([
    ['trace-trace.cjs', false],
  ]);
});

test.each(SOURCES)(
  'the compiled code of %s is for this V8, names no file of the machine that built it, and is taken',
  (name) => {
    const compiled = readFileSync(join(DIST, `${name}${SUFFIX}`));
    expect(compiled.includes(DIST)).toBe(false);
    const source = readFileSync(join(DIST, name), 'latin1');
    expect(source).toMatch(/^[\0-\x7f]*$/);
    const script = new Script(source, { filename: `/elsewhere/${name}`, cachedData: compiled });
    expect(script.cachedDataRejected).toBe(false);
  },
);

test('runs elsewhere, with another V8, with compiled code that is none, and without the one file', async () => {
  const dist = installed();
  expect(await traced(dist)).toEqual(WITHOUT_DESTINATION);
  expect(await traced(dist, '--max-old-space-size=500')).toEqual(WITHOUT_DESTINATION);
  for (const name of COMPILED) writeFileSync(join(dist, name), 'not compiled code');
  expect(await traced(dist)).toEqual(WITHOUT_DESTINATION);
  for (const name of COMPILED) rmSync(join(dist, name));
  expect(await traced(dist)).toEqual(WITHOUT_DESTINATION);
  rmSync(join(dist, SOURCE));
  expect(await traced(dist)).toEqual(WITHOUT_DESTINATION);
});

test('finds its files when it is called by a link', async () => {
  const dist = installed();
  const link = join(dist, 'vethoscope');
  symlinkSync(join(dist, 'bin.cjs'), link);
  const { stderr } = await execa(process.execPath, [link, 'trace', 'x'], { reject: false });
  expect(stderr).toContain('missing required argument');
});

test('the file says the same as the program of many files does', async () => {
  const help = async (dist: string) =>
    (await execa(process.execPath, [join(dist, 'bin.cjs'), 'trace', '--help'], { reject: false })).stdout;
  const without = installed();
  rmSync(join(without, SOURCE));
  expect(await help(DIST)).toBe(await help(without));
});

test('shows its progress where the output goes to a file and the errors to a terminal', async () => {
  // A terminal of script(1) has no width of its own, and then there is no progress line.
  const command = `stty cols 80; '${process.execPath}' '${join(DIST, 'bin.cjs')}' trace no-such 203.0.113.5 >/dev/null`;
  const { stdout } = await execa('script', ['-qefc', command, '/dev/null'], {
    reject: false,
    env: { TERM: 'xterm' },
  });
  expect(stdout).toContain('looking up the target');
  expect(stdout).toContain('no-such');
  expect(stdout).not.toContain('bug of vethoscope');
});
