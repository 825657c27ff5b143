import { inNetns } from '../host/in-netns.js';
import { runCommand } from '../host/run-command.js';
import type { Artifact } from '../model/artifact.js';
import type { NetnsRef } from '../model/netns.js';
import type { ArtifactValue, NetnsState } from '../model/state.js';
import { parseBridgeFdb } from '../parse/bridge-fdb.js';
import { parseBridgeLink } from '../parse/bridge-link.js';
import { parseIpAddress } from '../parse/ip-address.js';
import { parseIpLink } from '../parse/ip-link.js';
import { parseIpNeigh } from '../parse/ip-neigh.js';
import { parseIpRoute } from '../parse/ip-route.js';
import { parseIpRule } from '../parse/ip-rule.js';
import type { Argv, CollectOptions, Collector } from './collector.js';
import { collectors } from './index.js';
import { parseArtifact } from './run-artifact.js';

/** What the path through a namespace depends on. */
export const TOPOLOGY_ARTIFACTS = [
  'links',
  'addresses',
  'routes',
  'rules',
  'neighbours',
  'bridgePorts',
  'fdb',
] as const satisfies readonly (keyof NetnsState)[];

type TopologyArtifact = (typeof TOPOLOGY_ARTIFACTS)[number];

export type TopologyState = Pick<NetnsState, TopologyArtifact>;

const IP = ['ip', '-j', '-d', '-s', '-batch', '-'];
const IP_LINES = ['link show', 'addr show', 'route show table all', 'rule show', 'neigh show'];
const RULES6 = ['ip', '-6', '-j', '-d', 'rule', 'show'];
const BRIDGE = ['bridge', '-j', '-d', '-batch', '-'];
const BRIDGE_LINES = ['link show', 'fdb show'];

/** The commands of {@link collectTopology} with what each reads from standard input. */
export const topologyCommands = (
  netns: NetnsRef,
): readonly { readonly argv: Argv; readonly input: readonly string[] }[] => [
  { argv: inNetns(netns, IP), input: IP_LINES },
  { argv: inNetns(netns, RULES6), input: [] },
  { argv: inNetns(netns, BRIDGE), input: BRIDGE_LINES },
];

/** What of the topology lies above the bridges. */
type Addressing = Pick<TopologyState, 'links' | 'addresses' | 'routes' | 'rules' | 'neighbours'>;

/**
 * Reads the topology of a namespace with three processes at once, which takes half the time of one for each artifact. Each
 * artifact cites the command that reads it alone. What a batch did not bring is left to the artifact's own collector, which
 * also says why.
 */
export const collectTopology = async (netns: NetnsRef, options: CollectOptions): Promise<TopologyState> => {
  const [addressing, bridge] = await Promise.all([
    collectAddressing(netns, options),
    runBatch(netns, BRIDGE, BRIDGE_LINES, options),
  ]);
  const read = readerOf([bridge], netns, options);
  const [ports, fdb] = bridge.outputs;
  const [bridgePorts, entries] = await Promise.all([
    read('bridgePorts', ports, parseBridgeLink),
    read('fdb', fdb, parseBridgeFdb),
  ]);
  return { ...addressing, bridgePorts, fdb: entries };
};

/** Reads what `ip` tells of a namespace, with two processes at once. */
export const collectAddressing = async (netns: NetnsRef, options: CollectOptions): Promise<Addressing> => {
  const [ip, rules6] = await Promise.all([
    runBatch(netns, IP, IP_LINES, options),
    runBatch(netns, RULES6, [], options),
  ]);
  const [links, addresses, routes, rules4, neighbours] = ip.outputs;
  const rules6Text = rules6.outputs[0];
  const bothRules = rules4 === undefined || rules6Text === undefined ? undefined : { rules4, rules6Text };
  const read = readerOf([ip, rules6], netns, options);
  const pending = {
    links: read('links', links, parseIpLink),
    addresses: read('addresses', addresses, parseIpAddress),
    routes: read('routes', routes, parseIpRoute),
    rules: read('rules', bothRules, (both) => [...parseIpRule(both.rules4, 4), ...parseIpRule(both.rules6Text, 6)]),
    neighbours: read('neighbours', neighbours, parseIpNeigh),
  };
  return {
    links: await pending.links,
    addresses: await pending.addresses,
    routes: await pending.routes,
    rules: await pending.rules,
    neighbours: await pending.neighbours,
  };
};

/** What makes artifacts of the outputs of batches. */
const readerOf = (batches: readonly Batch[], netns: NetnsRef, options: CollectOptions) => {
  const ms = Math.max(...batches.map((batch) => batch.ms));
  const late = batches.find((batch) => batch.timedOut);
  return async <N extends TopologyArtifact, T>(
    name: N,
    text: T | undefined,
    parse: (text: T) => ArtifactValue<N>,
  ): Promise<Artifact<ArtifactValue<N>>> => {
    const argv = collectors[name].commands(netns, options)[0] ?? [];
    if (text === undefined && late) return { ok: false, reason: 'timeout', message: LATE, command: argv, ms: late.ms };
    if (text === undefined) return (collectors[name] as unknown as Collector<N>).collect(netns, options);
    return parseArtifact({ argv, ms }, () => parse(text));
  };
};

const LATE = 'no answer in time';

interface Batch {
  /** One JSON list for each line of input; empty when it failed. */
  readonly outputs: readonly string[];
  readonly timedOut: boolean;
  readonly ms: number;
}

const runBatch = async (
  netns: NetnsRef,
  argv: Argv,
  lines: readonly string[],
  options: CollectOptions,
): Promise<Batch> => {
  const result = await (options.run ?? runCommand)(inNetns(netns, argv), {
    signal: options.signal,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(lines.length === 0 ? {} : { input: `${lines.join('\n')}\n` }),
  });
  const outputs = result.stdout.split('\n').filter((line) => line !== '');
  const isWhole = result.failure === null && outputs.length === Math.max(1, lines.length);
  return { outputs: isWhole ? outputs : [], timedOut: result.failure === 'timeout', ms: result.ms };
};
