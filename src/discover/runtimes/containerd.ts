import { pathExists } from '../../host/proc.js';
import { ask, lines, troubleOf } from './ask.js';
import { dockerLike } from './docker-like.js';
import { NOTHING, type Runtime, type RuntimeAnswer, type RuntimeContainer, type RuntimeOptions } from './runtime.js';

const mayAnswer = (): boolean =>
  process.env['CONTAINERD_ADDRESS'] !== undefined || pathExists('/run/containerd/containerd.sock');

/** Versions of nerdctl differ in what a template may name: the whole inspection is asked for, its named fields read. */
export const nerdctl = dockerLike({ name: 'nerdctl', format: null, mayAnswer });

/** Namespaces of containerd whose containers Docker or the kubelet names better. */
const OF_OTHERS = new Set(['moby', 'k8s.io']);

const isToken = (text: string): boolean => /^[\w.-]+$/.test(text);

const tasksOf = async (namespace: string, options: RuntimeOptions): Promise<RuntimeContainer[]> => {
  const { stdout } = await ask(['ctr', '--namespace', namespace, 'tasks', 'ls'], options);
  return lines(stdout).flatMap((line) => {
    const [id = '', pid, status = ''] = line.trim().split(/\s+/);
    return /^\d+$/.test(pid ?? '')
      ? {
          runtime: 'containerd' as const,
          id,
          name: id,
          pid: status === 'STOPPED' ? 0 : Number(pid),
          status: status.toLowerCase(),
          networkMode: null,
          networks: [],
          ports: [],
          service: null,
        }
      : [];
  });
};

const tasks = async (options: RuntimeOptions): Promise<RuntimeAnswer> => {
  if (!mayAnswer()) return NOTHING;
  const namespaces = await ask(['ctr', 'namespaces', 'ls', '--quiet'], options);
  const own = lines(namespaces.stdout).filter((name) => isToken(name) && !OF_OTHERS.has(name));
  const found = await Promise.all(own.map((namespace) => tasksOf(namespace, options)));
  return { containers: found.flat(), trouble: troubleOf('containerd', namespaces, options) };
};

/** Tasks of containerd that were started without Docker or the kubelet, by their IDs. */
export const containerd: Runtime = {
  name: 'containerd',
  startCommand: (name) => `ctr tasks start --detach ${name}`,
  find: async (name, options) => {
    const answer = await tasks(options);
    return { ...answer, containers: answer.containers.filter(({ id }) => id === name) };
  },
  list: async (options) => {
    const answer = await tasks(options);
    return { ...answer, containers: answer.containers.filter(({ pid }) => pid > 0) };
  },
};
