import { type CollectOptions, collectNetns, collectors } from '../collect/index.js';
import { collectAddressing } from '../collect/topology.js';
import type { Discovery } from '../discover/index.js';
import type { Artifact } from '../model/artifact.js';
import type { Family } from '../model/flow.js';
import type { NetnsId, NetnsRef } from '../model/netns.js';
import type { Path } from '../model/path.js';
import type { ArtifactName, LinkState, NetnsState } from '../model/state.js';

/** The dumps of the iptables back-ends that a flow meets, by its family. */
const IPTABLES = {
  4: ['iptablesLegacy', 'iptablesNft'],
  6: ['ip6tablesLegacy', 'ip6tablesNft'],
} as const satisfies Record<Family, readonly ArtifactName[]>;

/** Read beside discovery, since they take long or nobody waits for them. */
const SLOW = [
  'arptablesLegacy',
  'arptablesNft',
  'bridgeVlans',
  'ebtablesLegacy',
  'ebtablesNft',
  'ipsets',
  'ovsPorts',
  'qdiscs',
  'resolvConf',
  'sockets',
  'wireguardPeers',
  'xfrm',
] as const satisfies readonly ArtifactName[];

/** Multicast matters to IPv6 alone, which asks a group for a neighbour. */
const slowOf = (family: Family): readonly ArtifactName[] => (family === 6 ? [...SLOW, 'bridgeGroups'] : SLOW);

/** Slow too, and read when the devices are known. */
const OF_DEVICES = ['sysctls'] as const satisfies readonly ArtifactName[];

/** Read last, right before the probe, because it moves them or needs to know the path. */
const LAST = ['counters', 'tcFilters'] as const satisfies readonly ArtifactName[];

/** Read again after a probe that was lost, beside what `ip` tells: what it moved, and what may have changed meanwhile. */
const AGAIN = ['conntrack', 'counters', 'nftables', 'qdiscs', 'sysctls'] as const satisfies readonly ArtifactName[];

const notRead: Artifact<never> = {
  ok: false,
  reason: 'not-collected',
  message: 'not read in this run',
  command: [],
  ms: 0,
};

/** Starts the slow collectors of namespaces as discovery comes by them. */
export class SlowReads {
  readonly #rules: readonly ArtifactName[];
  readonly #slow: readonly ArtifactName[];
  readonly #turn: Promise<void>;
  readonly #pending = new Map<NetnsId, Promise<Partial<NetnsState>>>();
  readonly #options: CollectOptions;

  /** @param turn settles when the rules may be read, whose counters other probes would move */
  constructor(family: Family, turn: Promise<void>, options: CollectOptions) {
    this.#rules = [...IPTABLES[family], 'nftables'];
    this.#slow = slowOf(family);
    this.#turn = turn;
    this.#options = options;
  }

  /** Starts reading a namespace; once for each. @param links its devices, which are being read */
  readonly begin = (netns: NetnsRef, links: Promise<NetnsState['links']>): void => {
    if (this.#pending.has(netns.id)) return;
    const options = { ...this.#options, pid: netns.id === 'target' ? (this.#options.pid ?? null) : null };
    const read = (names: readonly ArtifactName[], known: CollectOptions = {}): Promise<Partial<NetnsState>> => {
      const pending = collectNetns(netns, names, { ...options, ...known });
      return settled(names, (name) => pending[name]);
    };
    const all = Promise.all([
      this.#turn.then(() => read(this.#rules)),
      read(this.#slow),
      links.then((artifact) => read(OF_DEVICES, devicesOf(artifact))),
    ]);
    this.#pending.set(
      netns.id,
      all.then(([rules, others, ofDevices]) => ({ ...rules, ...others, ...ofDevices })),
    );
  };

  /** What was read of a namespace, when all of it is there. */
  async of(id: NetnsId): Promise<Partial<NetnsState>> {
    return (await this.#pending.get(id)) ?? {};
  }
}

/** What a collector is told of the devices of a namespace. */
export const devicesOf = (links: NetnsState['links'] | undefined): { readonly links?: readonly LinkState[] } =>
  links?.ok ? { links: links.value } : {};

/** The counters and what else is read right before the probe. */
const readLast = (
  netns: NetnsRef,
  path: Path,
  options: CollectOptions,
): Promise<Pick<NetnsState, (typeof LAST)[number]>> => {
  const pending = collectNetns(netns, LAST, { ...options, devices: devicesIn(netns, path) });
  return settled(LAST, (name) => pending[name]);
};

/** The state of every namespace on a path; the counters are read when all else is there. */
export const statesBefore = async (
  { netns, path, state }: Pick<Discovery, 'netns' | 'path' | 'state'>,
  slow: SlowReads,
  options: CollectOptions,
): Promise<Readonly<Record<NetnsId, NetnsState>>> => {
  const entries = await Promise.all(
    netns.map(async (place) => {
      const read = await slow.of(place.id);
      return [place.id, { ...state[place.id], ...read }] as const;
    }),
  );
  const last = await Promise.all(
    netns.map((place, index) => readLast(place, path, { ...options, qdiscs: entries[index]?.[1].qdiscs })),
  );
  return Object.fromEntries(entries.map(([id, parts], index) => [id, wholeState({ ...parts, ...last[index] })]));
};

/** What is read again after the probe. */
export const readAgain = async (netns: NetnsRef, options: CollectOptions): Promise<Partial<NetnsState>> => {
  const names: readonly ArtifactName[] = [...AGAIN, ...IPTABLES[options.flow?.family ?? 4]];
  const pending = collectNetns(netns, names, options);
  const [read, addressing] = await Promise.all([
    settled(names, (name) => pending[name]),
    collectAddressing(netns, options),
  ]);
  return { ...read, ...addressing };
};

/** One whole state from its parts; what no part holds was not read. */
export const wholeState = (parts: Partial<NetnsState>): NetnsState => ({
  ...(Object.fromEntries(Object.keys(collectors).map((name) => [name, notRead])) as unknown as NetnsState),
  ...parts,
});

/** Every command that a trace runs to read one namespace, once each. */
export const collectCommands = (
  netns: NetnsRef,
  path: Path,
  options: CollectOptions,
): readonly (readonly string[])[] => {
  const family = options.flow?.family ?? 4;
  const names = new Set<ArtifactName>([...slowOf(family), ...OF_DEVICES, ...IPTABLES[family], ...LAST, ...AGAIN]);
  const commands = [...names].flatMap((name) => [
    ...collectors[name].commands(netns, { ...options, devices: devicesIn(netns, path) }),
  ]);
  return [...new Map(commands.map((command) => [command.join('\0'), command])).values()];
};

const devicesIn = (netns: NetnsRef, path: Path): readonly string[] =>
  path.hops.flatMap((hop) => (hop.netns === netns.id && hop.ifname !== null ? [hop.ifname] : []));

const settled = async <N extends ArtifactName>(
  names: readonly N[],
  read: (name: N) => Promise<unknown>,
): Promise<Pick<NetnsState, N>> => {
  const entries = await Promise.all(names.map(async (name) => [name, await read(name)] as const));
  return Object.fromEntries(entries) as Pick<NetnsState, N>;
};
