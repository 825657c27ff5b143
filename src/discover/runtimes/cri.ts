import { z } from 'zod';
import { pathExists } from '../../host/proc.js';
import { ask, lines, troubleOf } from './ask.js';
import { NOTHING, type Runtime, type RuntimeAnswer, type RuntimeContainer, type RuntimeOptions } from './runtime.js';

/** Sockets at which the kubelet's runtimes listen. */
const SOCKETS = [
  '/run/containerd/containerd.sock',
  '/run/crio/crio.sock',
  '/run/cri-dockerd.sock',
  '/run/k3s/containerd/containerd.sock',
];

const mayAnswer = (): boolean =>
  process.env['CONTAINER_RUNTIME_ENDPOINT'] !== undefined || pathExists('/etc/crictl.yaml') || SOCKETS.some(pathExists);

const labels = z.record(z.string(), z.string()).nullish();
const inspection = z.object({
  status: z.object({
    id: z.string(),
    metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
    state: z.string(),
    labels,
    network: z.object({ ip: z.string().optional() }).nullish(),
  }),
  info: z.object({ pid: z.number() }).nullish(),
});

const POD_NAME = 'io.kubernetes.pod.name';
const POD_NAMESPACE = 'io.kubernetes.pod.namespace';

/** `crictl inspect` holds the environment in `info`: of it the PID alone is read. */
const inspect = async (command: 'inspect' | 'inspectp', ids: readonly string[], options: RuntimeOptions) => {
  const outputs = await Promise.all(ids.map((id) => ask(['crictl', command, '--output', 'json', id], options)));
  return outputs.flatMap(({ stdout }): RuntimeContainer[] => {
    const parsed = inspection.safeParse(json(stdout));
    if (!parsed.success) return [];
    const { status, info } = parsed.data;
    const isPod = command === 'inspectp';
    const namespace = status.metadata.namespace ?? status.labels?.[POD_NAMESPACE] ?? '';
    return [
      {
        runtime: isPod ? 'pod' : 'cri',
        id: status.id,
        name: isPod ? `${namespace}/${status.metadata.name}` : status.metadata.name,
        pid: info?.pid ?? 0,
        status: status.state.replace(/^(CONTAINER|SANDBOX)_/, '').toLowerCase(),
        networkMode: null,
        networks: status.network?.ip ? [{ name: 'cni', driver: null, address: status.network.ip }] : [],
        ports: [],
        service: isPod ? null : `${namespace}/${status.labels?.[POD_NAME] ?? ''}`,
      },
    ];
  });
};

const json = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
};

/** A name is a regular expression to crictl: it is quoted, and has to match as a whole. */
const exactly = (name: string): string => `^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`;

const idsOf = async (argv: readonly string[], options: RuntimeOptions) => {
  const result = await ask(['crictl', ...argv, '--quiet'], options);
  return {
    ids: lines(result.stdout).filter((id) => /^[0-9a-f]+$/.test(id)),
    trouble: troubleOf('crictl', result, options),
  };
};

const answerTo = async (
  command: 'inspect' | 'inspectp',
  selection: readonly string[],
  options: RuntimeOptions,
): Promise<RuntimeAnswer> => {
  if (!mayAnswer()) return NOTHING;
  const { ids, trouble } = await idsOf([command === 'inspect' ? 'ps' : 'pods', ...selection], options);
  return { containers: await inspect(command, ids, options), trouble };
};

/** Containers of the kubelet, by their name or ID. */
export const cri: Runtime = {
  name: 'cri',
  startCommand: () => null,
  find: async (name, options) => {
    const named = await answerTo('inspect', ['--all', '--name', exactly(name)], options);
    const isId = named.containers.length === 0 && /^[0-9a-f]{6,64}$/.test(name);
    const found = isId ? await answerTo('inspect', ['--all', '--id', name], options) : named;
    // The kubelet keeps the dead ones of a container that it started again.
    const alive = found.containers.filter(({ status }) => status === 'running');
    return alive.length > 0 ? { ...found, containers: alive } : found;
  },
  list: (options) => answerTo('inspect', [], options),
};

/** Pods on this node, as `pod:NAMESPACE/NAME`: their sandbox holds the network namespace. */
export const pod: Runtime = {
  name: 'pod',
  startCommand: () => null,
  find: async (name, options) => {
    const [own = '', namespace] = name.split('/').reverse();
    const chosen = namespace === undefined ? [] : ['--namespace', namespace];
    const found = await answerTo('inspectp', ['--name', exactly(own), ...chosen], options);
    const ready = found.containers.filter(({ status }) => status === 'ready');
    return ready.length > 0 ? { ...found, containers: ready } : found;
  },
  /** Every pod is in the list of containers already. */
  list: () => Promise.resolve(NOTHING),
};
