import { chmod, cp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../helpers/cli.js';
import { PROGRAM } from '../helpers/lab.js';

/** Becomes somebody without any right; an ordinary user who runs the tests already is one. */
const ORDINARY =
  process.getuid?.() === 0
    ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--bounding-set=-all', '--inh-caps=-all']
    : [];

/** The built program where everybody can read it. */
const readableProgram = async (): Promise<string> => {
  const folder = await temporaryFolder();
  await cp(dirname(PROGRAM[1] ?? ''), join(folder, 'dist'), { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await execa('chmod', ['-R', 'a+rX', folder]);
  return join(folder, 'dist/bin.cjs');
};

test.each(['host-ip-forward-off', 'nf-forward-policy-drop', 'ctr-fw-output-drop'])(
  'an ordinary user sees %s found in the lab, without any right on the machine',
  async (fault) => {
    const home = await temporaryFolder();
    await chmod(home, 0o777);
    const [file = '', ...args] = [
      ...ORDINARY,
      process.execPath,
      await readableProgram(),
      'lab',
      'run',
      fault,
      '--json',
    ];
    const result = await execa(file, args, { reject: false, env: { HOME: home, XDG_STATE_HOME: home }, cwd: '/' });
    expect(result.stderr).toMatch(/the diagnosis names what was broken/);
    expect(JSON.parse(result.stdout).diagnosis).toMatchObject({ status: 'fault', confidence: 'certain' });
    expect(result.exitCode).toBe(0);
  },
);

test('an ordinary user learns in a lab, also from inside of it, and cannot enter the namespace of the host', {
  timeout: 120_000,
}, async () => {
  const home = await temporaryFolder();
  await chmod(home, 0o777);
  const program = [...ORDINARY, process.execPath, await readableProgram(), 'lab'];
  const lab = async (...args: readonly string[]) => {
    const [file = '', ...words] = [...program, ...args];
    return execa(file, words, { reject: false, env: { HOME: home, XDG_STATE_HOME: home }, cwd: '/' });
  };
  onTestFinished(async () => {
    await lab('down', '--all');
  });
  expect((await lab('start', 'no-masquerade', '--name', 'anna')).exitCode).toBe(0);
  expect((await lab('check')).exitCode).toBe(3);
  const inside = await lab(
    'exec',
    '--',
    'sh',
    '-c',
    'nsenter --target 1 --net true; /run/vethoscope/bin/vethoscope lab check',
  );
  expect(inside.stderr).toMatch(/\/proc\/1\/ns\/net: Permission denied/);
  expect(inside.exitCode).toBe(3);
  const nested = ['exec', '--netns', 'net1', '--', '/run/vethoscope/bin/vethoscope', 'lab', 'hint', '--json'];
  expect(JSON.parse((await lab(...nested)).stdout)).toMatchObject({ name: 'anna', again: false });
  expect((await lab('solve')).exitCode).toBe(0);
  expect((await lab('check')).exitCode).toBe(0);
  expect((await lab('down', '--all')).exitCode).toBe(0);
});
