import { chmod, cp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
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
  return join(folder, 'dist/bin.js');
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
