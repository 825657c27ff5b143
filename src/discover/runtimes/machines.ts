import { listFolder, readTextFile } from '../../host/files.js';
import { pathExists } from '../../host/proc.js';
import { ask, lines, troubleOf } from './ask.js';
import { NOTHING, type Runtime, type RuntimeAnswer, type RuntimeContainer, type RuntimeOptions } from './runtime.js';

const containerOf = (runtime: 'nspawn' | 'lxc', name: string, pid: number, status: string): RuntimeContainer => ({
  runtime,
  id: name,
  name,
  pid,
  status,
  networkMode: null,
  networks: [],
  ports: [],
  service: null,
});

/** Where systemd-machined keeps one file of `KEY=VALUE` lines for each machine that runs. */
const MACHINES = '/run/systemd/machines';
const LARGEST = 64 * 1024;

const machine = async (name: string): Promise<RuntimeContainer[]> => {
  if (!/^[\w][\w.-]*$/.test(name)) return [];
  const text = await readTextFile(`${MACHINES}/${name}`, LARGEST).catch(() => '');
  const leader = /^LEADER=(\d+)$/m.exec(text)?.[1];
  return leader === undefined ? [] : [containerOf('nspawn', name, Number(leader), 'running')];
};

/** systemd-nspawn's machines, by the PID of their init. A machine that does not run is not known here. */
export const nspawn: Runtime = {
  name: 'nspawn',
  startCommand: (name) => `machinectl start ${name}`,
  find: async (name) => ({ containers: await machine(name), trouble: null }),
  list: async () => {
    const files = await listFolder(MACHINES).catch(() => []);
    const found = await Promise.all(files.map(({ name }) => machine(name)));
    return { containers: found.flat(), trouble: null };
  },
};

const LXC_FOLDER = '/var/lib/lxc';

const lxcInfo = async (name: string, options: RuntimeOptions): Promise<RuntimeAnswer> => {
  const result = await ask(['lxc-info', '--name', name, '--state', '--pid'], options);
  const state = /^State:\s+(\w+)$/m.exec(result.stdout)?.[1];
  const pid = Number(/^PID:\s+(\d+)$/m.exec(result.stdout)?.[1] ?? 0);
  return {
    containers: state === undefined ? [] : [containerOf('lxc', name, pid, state.toLowerCase())],
    trouble: troubleOf('lxc-info', result, options),
  };
};

/** LXC's containers, by the PID of their init. */
export const lxc: Runtime = {
  name: 'lxc',
  startCommand: (name) => `lxc-start --name ${name}`,
  find: (name, options) =>
    pathExists(LXC_FOLDER) && /^[\w][\w.-]*$/.test(name) && pathExists(`${LXC_FOLDER}/${name}`)
      ? lxcInfo(name, options)
      : Promise.resolve(NOTHING),
  list: async (options) => {
    if (!pathExists(LXC_FOLDER)) return NOTHING;
    const listed = await ask(['lxc-ls', '-1', '--running'], options);
    const answers = await Promise.all(lines(listed.stdout).map((name) => lxcInfo(name.trim(), options)));
    return {
      containers: answers.flatMap(({ containers }) => containers),
      trouble: troubleOf('lxc-ls', listed, options),
    };
  },
};
