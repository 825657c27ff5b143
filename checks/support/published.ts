import type { Origin, Proof, Remedy } from '../../src/model/finding.js';
import type { InboundEvidence } from '../../src/model/inbound.js';
import { linkById } from '../../src/model/path-queries.js';
import type { ConntrackEntry } from '../../src/model/state.js';
import { chainRules, findChains } from '../../src/netfilter/rules.js';
import type { HookPacket, RuleRef, Translation } from '../../src/netfilter/types.js';
import { type FlowWalk, type ServiceAnswer, type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import type { CheckContext } from '../define-check.js';
import { inside } from './commands.js';
import { entryOf } from './conntrack.js';
import { natTool } from './nat.js';
import { countedProof } from './proofs.js';

/** A flow that comes in to a published port, with what the host does to its first packet. */
export interface Published {
  readonly inbound: InboundEvidence;
  /** Link on which the host takes the packet to the container. */
  readonly link: string;
  /** The hook at which the destination is translated. */
  readonly hook: 'prerouting' | 'output';
  /** `198.51.100.10:8080`. */
  readonly place: string;
  readonly port: number;
  /** The rule that translates it; `null` when none does. */
  readonly dnat: { readonly step: StepOf<'hook'>; readonly translation: Translation } | null;
  /** The walk of that hook. */
  readonly step: StepOf<'hook'> | null;
  /** The packet after it. */
  readonly packet: HookPacket | null;
  readonly service: StepOf<'service'> | null;
  /** The entry of conntrack that decides where the rules would lead the packet elsewhere now, or may; else `null`. */
  readonly settledBy: ConntrackEntry | null;
}

const withPort = (address: string, port: number | null): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port ?? '?'}`;

/** The published flow of a run; `null` for every other flow. */
export const publishedOf = (context: CheckContext): Published | null => {
  const published = publishedIn(context, context.walk);
  const entry = published && entryOf(context, 'host');
  if (!published || !entry) return published;
  const byRules = publishedIn(context, context.walkAnew());
  const isAgreed = byRules !== null && isCertain(byRules) && isSameEnd(published.packet, byRules.packet);
  return { ...published, settledBy: isAgreed ? null : entry };
};

/** The same, were there no entry of conntrack. */
export const publishedAnew = (context: CheckContext): Published | null => publishedIn(context, context.walkAnew());

const isSameEnd = (one: HookPacket | null, other: HookPacket | null): boolean =>
  one?.destination === other?.destination && one?.destinationPort === other?.destinationPort;

const publishedIn = (context: CheckContext, walk: FlowWalk): Published | null => {
  const { inbound, flow, path } = context;
  const [router] = path.routers;
  if (!inbound || !router || flow.port === null) return null;
  const from = linkById(path, router.link)?.from;
  const hook = path.hops.find(({ id }) => id === from)?.role === 'socket' ? 'output' : 'prerouting';
  const step = stepsOf(walk, 'hook').find(
    ({ link, way, detail }) => link === router.link && way === 'forward' && detail.walk.hook === hook,
  );
  const translation = step?.detail.walk.translations.find(({ kind }) => kind === 'dnat');
  return {
    inbound,
    link: router.link,
    hook,
    place: withPort(flow.destination, flow.port),
    port: flow.port,
    dnat: step && translation ? { step, translation } : null,
    step: step ?? null,
    packet: step?.detail.walk.packet ?? null,
    service: stepsOf(walk, 'service')[0] ?? null,
    settledBy: null,
  };
};

/** Whether the rules decide about the translation, and all of them could be read and judged. */
export const isCertain = ({ step, settledBy }: Published): boolean =>
  step !== null &&
  settledBy === null &&
  (step.detail.walk.alternatives?.length ?? 0) === 0 &&
  step.detail.walk.unknowns.every(({ rule }) => rule !== null && rule.table !== 'nat' && rule.backend !== 'nftables');

/** Whether the host sends the packet to the container. */
export const leadsToContainer = ({ packet, inbound }: Published): boolean =>
  packet !== null && inbound.container !== null && packet.destination === inbound.container;

const ipTable = ({ flow }: CheckContext): string => (flow.family === 6 ? 'ip6' : 'ip');

/** The chain in which the port is translated, as a finding names it. */
export const natChain = (context: CheckContext, { hook }: Published): string =>
  `table ${ipTable(context)} nat chain ${hook.toUpperCase()}`;

/** The command that lists the rules of that chain. */
export const listNat = (context: CheckContext, { hook }: Published): readonly string[] => [
  natTool(context, 'host'),
  '-t',
  'nat',
  '-nvxL',
  hook.toUpperCase(),
];

/** Every rule of the host that translates the destination of the published port, whatever else it asks for. */
export const dnatRulesFor = (context: CheckContext, { port }: Published): readonly RuleRef[] => {
  const families = ['inet', ipTable(context)];
  const state = context.netfilter('host');
  if (state === null) return [];
  const names = new RegExp(`\\bdport ${port}\\b`);
  return findChains(state, () => true)
    .flatMap((chain) => chainRules(state, chain))
    .filter((rule) => families.includes(rule.family) && /\bDNAT\b|\bdnat\b/.test(rule.text) && names.test(rule.text));
};

/** Where a rule that translates destinations leads: its address and port. */
export const leadsTo = ({ text }: RuleRef): { readonly address: string; readonly port: number | null } | null => {
  const [, address, port] =
    /(?:--to-destination|dnat(?: ip6?)? to) \[?([0-9a-f.:]+?)\]?(?::(\d+))?(?:\s|$)/.exec(text) ?? [];
  return address === undefined ? null : { address, port: port === undefined ? null : Number(port) };
};

/** The container's port that is meant: as its runtime says, or the only one that answers there. */
export const meantPort = ({ inbound }: Pick<Published, 'inbound'>): number | null =>
  inbound.port ?? inbound.proxy?.port ?? null;

/** The only port of the container that is open to others, where no runtime says which one is meant; else `null`. */
export const onlyOpenPort = ({ target, flow, sockets }: CheckContext): number | null => {
  if (target.kind === 'docker' || target.kind === 'podman') return null;
  const open = (sockets('target') ?? []).filter(
    ({ protocol, address }) => protocol === flow.protocol && !/^(?:127\.|::1$)/.test(address),
  );
  const ports = new Set(open.map(({ port }) => port));
  return ports.size === 1 ? ([...ports][0] ?? null) : null;
};

/** What the container's sockets show where `onlyOpenPort` decides, as a proof. */
export const onlyOpenProof = (context: CheckContext, port: number): Proof => ({
  kind: 'read',
  text: `${port} is the only ${context.flow.protocol.toUpperCase()} port of ${context.target.name} that is open to others`,
  command: inside(context.netns('target'), ['ss', '-Hlntu']),
});

/** What the runtime was told, as a proof. */
export const publishedProof = (context: CheckContext, published: Published): readonly Proof[] => {
  const { target } = context;
  const { inbound, place } = published;
  if (inbound.port === null || (target.kind !== 'docker' && target.kind !== 'podman')) return [];
  return [
    {
      kind: 'read',
      text: `${target.kind} publishes ${place} as port ${inbound.port} of ${target.name}`,
      command: [target.kind, 'port', target.name],
    },
  ];
};

const RUNTIME = { docker: 'Docker', podman: 'Podman (netavark)' } as const;

/** Who makes the rules of published ports for the target. */
export const publisherOf = ({ target }: CheckContext): Origin | null =>
  target.kind === 'docker' || target.kind === 'podman' ? { owner: RUNTIME[target.kind] } : null;

/** What the runtime itself offers to make its rules anew. */
export const remakeRemedies = ({ target }: CheckContext): readonly Remedy[] => {
  const { kind, name } = target;
  if (kind !== 'docker' && kind !== 'podman') return [];
  const reload = kind === 'podman';
  return [
    {
      kind: 'runtime',
      title: reload ? 'let Podman make the rules of this container anew' : 'let Docker publish the port anew',
      netns: 'host',
      commands: [reload ? ['podman', 'network', 'reload', name] : ['docker', 'restart', name]],
      undo: [],
      risk: 'high',
      riskText: reload ? 'its rules are taken out and put in again' : `${name} restarts: its connections end`,
    },
  ];
};

/** A rule ahead of all others that leads the place to the container's port. */
export const dnatRemedy = (context: CheckContext, { hook, inbound, port }: Published, to: number): Remedy => {
  const { destination, protocol } = context.flow;
  const tool = natTool(context, 'host');
  const match = ['-d', destination, '-p', protocol, '--dport', `${port}`];
  const rule = [...match, '-j', 'DNAT', '--to-destination', withPort(inbound.container ?? '', to)];
  const chain = hook.toUpperCase();
  return {
    kind: 'runtime',
    title: `lead the port to port ${to} of the container, ahead of other rules`,
    netns: 'host',
    commands: [[tool, '-t', 'nat', '-I', chain, '1', ...rule]],
    undo: [[tool, '-t', 'nat', '-D', chain, ...rule]],
    risk: 'low',
    riskText: 'only this port is led elsewhere; lost at the next reload of the rules',
  };
};

/** Which addresses and ports of the container are open, in words. */
export const openWords = ({ otherPorts, on, port }: ServiceAnswer): string => {
  if (on.length > 0) return `port ${port} is open on ${on.join(', ')} alone`;
  return otherPorts.length === 0 ? 'no port is open there' : `open there: ${otherPorts.join(', ')}`;
};

/** The socket of the container at which the packet arrives, or would. */
export const placeOfService = ({ link, device }: StepOf<'service'>) =>
  ({ link, stage: 'socket', way: 'forward', netns: 'target', ...(device ? { device } : {}) }) as const;

/** What the container's sockets show, what its runtime publishes, and what its kernel counted. */
export const socketProofs = (
  context: CheckContext,
  published: Published,
  { protocol }: ServiceAnswer,
  text: string,
): readonly [Proof, ...Proof[]] => [
  { kind: 'read', text, command: inside(context.netns('target'), ['ss', '-ltnu']) },
  ...publishedProof(context, published),
  ...countedProof(context, 'target', protocol === 'udp' ? 'Udp.NoPorts' : 'Tcp.OutRsts'),
];
