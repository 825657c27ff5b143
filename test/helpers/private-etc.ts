import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROGRAM, type TestLab } from './lab.js';

/** What programs need of /etc; the rest of a private one is the test's own. */
const NEEDED = ['passwd', 'group', 'nsswitch.conf', 'hosts', 'ld.so.cache', 'alternatives', 'protocols', 'iproute2'];

/** A folder that stands in for /etc: that of the machine is never written. */
export interface PrivateEtc {
  readonly path: string;
  /** Writes a file, and the folders that it needs. */
  put(path: string, text: string): Promise<void>;
  /** Runs a command in the lab with it. @param prepare shell commands that run before, in a mount namespace of their own */
  run(argv: readonly string[], env?: Readonly<Record<string, string>>, prepare?: string): ReturnType<TestLab['exec']>;
  /** Runs the program, as `run`. */
  vethoscope(...args: readonly string[]): ReturnType<TestLab['exec']>;
  /** Every file that is the test's own, hidden ones too, with its mode and text, and every folder. */
  files(): Promise<Record<string, string>>;
}

const filesUnder = async (folder: string, below = ''): Promise<Record<string, string>> => {
  const found: Record<string, string> = {};
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    if (below === '' && NEEDED.includes(entry.name)) continue;
    const name = join(below, entry.name);
    if (entry.isDirectory()) Object.assign(found, { [`${name}/`]: '' }, await filesUnder(folder, name));
    else {
      const path = join(folder, name);
      found[name] = `${((await stat(path)).mode & 0o777).toString(8)} ${await readFile(path, 'utf8')}`;
    }
  }
  return found;
};

/** Makes a private /etc for a lab, under a name. */
export const makePrivateEtc = async (lab: TestLab, name: string): Promise<PrivateEtc> => {
  const path = join(lab.stateFolder, `etc-${name.replace(/\W/g, '')}`);
  await mkdir(path);
  for (const needed of NEEDED)
    await cp(join('/etc', needed), join(path, needed), { recursive: true }).catch(() => undefined);
  const run: PrivateEtc['run'] = (argv, env = {}, prepare = 'true') =>
    lab.exec(['unshare', '-m', 'sh', '-c', `mount --bind ${path} /etc && ${prepare} && exec "$@"`, 'sh', ...argv], {
      timeoutMs: 60_000,
      env: { VETHOSCOPE_STATE: lab.stateFolder, ...env },
    });
  return {
    path,
    put: async (file, text) => {
      await mkdir(join(path, file, '..'), { recursive: true });
      await writeFile(join(path, file), text);
    },
    run,
    vethoscope: (...args) => run([...PROGRAM, ...args]),
    files: () => filesUnder(path),
  };
};
