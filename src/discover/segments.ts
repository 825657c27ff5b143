import type { NetnsId } from '../model/netns.js';
import type { Hop, HopRole, Link, Path, RouterNode, Stage } from '../model/path.js';
import type { LinkState } from '../model/state.js';
import { isUp } from './topology.js';

/** One hop with what lies between it and the hop before it. */
export interface Segment {
  readonly role: HopRole;
  readonly netns: NetnsId;
  readonly link: LinkState | null;
  readonly note?: string;
  /** Set below a tunnel: what the packet is inside of there; `null` for a kind that is not looked into. */
  readonly inside?: Hop['inside'] | null;
  readonly tunnel?: Hop['tunnel'];
  readonly stages: readonly Stage[];
  /** Set where the namespace routes the packet on the link that ends here. */
  readonly router?: Omit<RouterNode, 'link'>;
}

export const STAGES = {
  origin: ['route', 'output', 'postrouting', 'neighbour', 'qdisc'],
  veth: ['veth'],
  intoBridge: ['tc', 'bridge-port', 'bridge-forward'],
  betweenPorts: ['tc', 'bridge-port', 'bridge-forward'],
  outOfBridge: ['bridge-forward'],
  router: ['prerouting', 'route', 'forward', 'postrouting', 'neighbour', 'qdisc'],
  returning: ['prerouting', 'route', 'forward', 'postrouting', 'neighbour'],
  lower: ['qdisc'],
  input: ['prerouting', 'route', 'input', 'socket'],
  peerInput: ['input', 'socket'],
  outside: ['wire', 'outside'],
} as const satisfies Record<string, readonly Stage[]>;

/** A hop beside the path, joined to one of its hops. */
export interface ExtraHop {
  readonly segment: Segment;
  /** Index of the hop of the path that it is joined to. */
  readonly at: number;
}

const UNCAPTURED: ReadonlySet<HopRole> = new Set(['socket', 'outside', 'service']);

/** Numbers hops and links in path order; the hops beside the path come last. */
export const assemblePath = (
  segments: readonly Segment[],
  extras: readonly ExtraHop[],
  notes: readonly string[],
): Path => {
  const inPath = segments.slice(1).map((segment, index) => toLink(segment, index, index + 1));
  const beside = extras.map(({ segment, at }, index) => toLink(segment, at, segments.length + index));
  return {
    hops: [...segments, ...extras.map((extra) => extra.segment)].map(toHop),
    links: [...inPath, ...beside],
    routers: segments.flatMap((segment, index) =>
      segment.router === undefined ? [] : [{ ...segment.router, link: linkId(index - 1, index) }],
    ),
    notes,
  };
};

const linkId = (from: number, to: number): string => `h${from}-h${to}`;

const toLink = (segment: Segment, from: number, to: number): Link => ({
  id: linkId(from, to),
  from: `h${from}`,
  to: `h${to}`,
  stages: segment.stages,
});

/** A device that the packet came in by already: a capture there cannot tell whether it goes out by it as well. */
const cameInBy = (segments: readonly Segment[], { netns, link }: Segment, index: number): string | undefined => {
  const before = segments.slice(0, index).some((one) => one.link !== null && one.link === link && one.netns === netns);
  return before ? `${link?.ifname} is also where the packet comes in` : undefined;
};

const toHop = (segment: Segment, index: number, segments: readonly Segment[]): Hop => {
  const { role, netns, link, note, tunnel, inside } = segment;
  const shown = UNCAPTURED.has(role) ? null : link;
  const down = shown !== null && !isUp(shown) ? `${shown.ifname} is down` : undefined;
  const again = role === 'uplink' ? cameInBy(segments, segment, index) : undefined;
  const hidden = inside === null && shown !== null ? 'the packet is inside of a tunnel there' : undefined;
  const reason = note ?? down ?? again ?? hidden;
  return {
    id: `h${index}`,
    role,
    netns,
    ifname: shown?.ifname ?? null,
    ifindex: shown?.ifindex ?? null,
    captured: shown !== null && [down, again, hidden].every((why) => why === undefined),
    ...(tunnel ? { tunnel } : {}),
    ...(inside ? { inside } : {}),
    ...(down === undefined ? {} : { down: true }),
    ...(reason === undefined ? {} : { note: reason }),
  };
};
