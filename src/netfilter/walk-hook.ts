import type { PlacedChain } from './base-chains.js';
import { NAT_PRIORITY, placedChains } from './base-chains.js';
import { usesConntrack } from './conntrack-use.js';
import type { Scene } from './program.js';
import type { Ending, Live } from './run-chain.js';
import { runBaseChain, unite } from './run-chain.js';
import type { NetfilterState } from './state.js';
import { servesPacket, tableKey } from './state.js';
import type {
  AnyHook,
  Hook,
  HookContext,
  HookPacket,
  HookVerdict,
  HookWalk,
  Layer,
  RuleRef,
  Translation,
  UnknownMatch,
} from './types.js';

/** Priority of conntrack in PREROUTING and OUTPUT: chains before it see no connection. */
const CONNTRACK_PRIORITY = -200;

/** How a packet of a connection that exists is rewritten at a hook: what its first packet was given, or back. */
export type Rewrite = (packet: HookPacket) => HookPacket;

/** What has come together while the base chains were walked. */
interface Gathered {
  readonly met: RuleRef[];
  readonly counted: RuleRef[];
  readonly drops: RuleRef[];
  readonly possibleDrops: RuleRef[];
  readonly queues: RuleRef[];
  readonly unknowns: UnknownMatch[];
  readonly translations: Translation[];
  /** The drop that decides, and where. */
  decided: { readonly ending: Ending; readonly priority: number } | null;
  mappedAt: number | null;
  reroutes: boolean;
  /** A second look-up of the route found none: the kernel drops the packet there, before the chains that follow. */
  stranded: boolean;
  incomplete: boolean;
}

/**
 * Walks one packet through every base chain at a hook, of both iptables back-ends and of native nft, in the order of
 * their priorities. A drop or reject decides; after it the walk goes on as if it were mended, to find those behind it.
 * An accept ends its own base chain only. NAT chains are asked for the first packet of a connection alone, and the
 * first that sets a mapping is the last; `reroute` says whether a changed packet of OUTPUT still has a route; a packet of a known connection is rewritten at their priority by `rewrite`.
 * @see nf_hook_slow in net/netfilter/core.c, nf_nat_inet_fn in net/netfilter/nf_nat_core.c
 */
export const walkHook = (
  state: NetfilterState,
  hook: Hook,
  packet: HookPacket,
  context: HookContext,
  rewrite: Rewrite | null = null,
  reroute: ((packet: HookPacket) => boolean) | null = null,
): HookWalk => walkPlaced(state, 'ip', hook, placedChains(state, hook), packet, context, rewrite, reroute);

/** What of a bridge's hook runs before br_netfilter asks the rules of IP there, or after it. */
export type BridgePart = 'before' | 'after';

/**
 * Walks one frame through every base chain of a bridge's, ARP's or a device's hook: ebtables, arptables, and nft's families
 * `bridge`, `arp` and `netdev`. `null` where no chain is attached that sees it, and none may be.
 * @param part what of a bridge's hook is walked; `null` for all of it
 */
export const walkFrameHook = (
  state: NetfilterState,
  layer: Layer,
  hook: AnyHook,
  packet: HookPacket,
  context: HookContext,
  part: BridgePart | null = null,
): HookWalk<AnyHook> | null => {
  const placed = placedChains(state, hook, layer).filter((one) => part === null || part === partOf(one, hook));
  const sees = placed.some(({ chain }) => servesPacket(chain, layer, packet));
  const isUnread = part !== 'after' && state.unread.some((unread) => unread.layer === layer);
  return sees || isUnread ? walkPlaced(state, layer, hook, placed, packet, context, null, null) : null;
};

/**
 * br_netfilter asks PREROUTING and FORWARD of IP at priority 0, and POSTROUTING after all chains of the bridge. Of the chains
 * at priority 0 it is the oldest, so that it runs last.
 * @see br_nf_ops in net/bridge/br_netfilter_hooks.c
 */
const partOf = ({ priority }: PlacedChain, hook: AnyHook): BridgePart =>
  hook === 'postrouting' || priority <= 0 ? 'before' : 'after';

const walkPlaced = <H extends AnyHook>(
  state: NetfilterState,
  layer: Layer,
  hook: H,
  chains: readonly PlacedChain[],
  packet: HookPacket,
  context: HookContext,
  rewrite: Rewrite | null,
  reroute: ((packet: HookPacket) => boolean) | null,
): HookWalk<H> => {
  const gathered: Gathered = {
    met: [],
    counted: [],
    drops: [],
    possibleDrops: [],
    queues: [],
    unknowns: [],
    translations: [],
    decided: null,
    mappedAt: null,
    reroutes: false,
    stranded: false,
    incomplete: false,
  };
  let lives: readonly Live[] = [{ packet, certain: true, mapped: false }];
  let pending = rewrite;
  const routeAgain = (changed: HookPacket): void => {
    gathered.reroutes = true;
    gathered.stranded ||= reroute !== null && !reroute(changed);
  };
  const translate = (by: Rewrite): void => {
    const before = lives[0]?.packet ?? packet;
    lives = rewritten(lives, by);
    const after = lives[0]?.packet ?? before;
    if (hook === 'output' && before.destination !== after.destination) routeAgain(after);
  };
  for (const placed of chains) {
    const { ref } = placed.chain;
    if (!servesPacket(placed.chain, layer, packet)) continue;
    if (pending !== null && placed.priority >= NAT_PRIORITY[hook]) {
      translate(pending);
      pending = null;
    }
    if (placed.chain.base?.type === 'nat' && !usesConntrack(state, packet.family)) continue;
    const scene: Scene = {
      hook,
      layer,
      context,
      beforeConntrack:
        layer !== 'ip' || (placed.priority < CONNTRACK_PRIORITY && (hook === 'prerouting' || hook === 'output')),
      sets: state.sets.get(tableKey(ref.family, ref.table)) ?? new Map(),
    };
    if (layer === 'netdev' && placed.chain.base?.devices === undefined) {
      noteUnbound(state, placed, scene, lives, gathered);
      continue;
    }
    const before = lives[0]?.packet ?? packet;
    lives = walkChain(state, placed, scene, lives, gathered);
    const after = lives[0]?.packet ?? before;
    if (hook === 'output' && changesRoute(placed, before, after)) routeAgain(after);
  }
  if (pending !== null) translate(pending);
  noteUnread(state, layer, packet, gathered);
  return resultOf(hook, packet, lives, gathered);
};

/**
 * Whether a chain of OUTPUT made the kernel look the route up again: NAT does for a new destination (also where it
 * translates an answer back), a chain of type
 * `route` (the mangle table) also for a new source or mark.
 * @see nf_nat_ipv4_local_fn in net/netfilter/nf_nat_proto.c, ipt_mangle_out, nf_route_table_hook4
 */
const changesRoute = ({ chain: { base, ref } }: PlacedChain, before: HookPacket, after: HookPacket): boolean => {
  if (base?.type === 'nat') return before.destination !== after.destination;
  const isRoute = base?.type === 'route' || (ref.backend !== 'nftables' && ref.table === 'mangle');
  return (
    isRoute &&
    (before.mark !== after.mark || before.source !== after.source || before.destination !== after.destination)
  );
};

/** Untracked packets have no connection that could rewrite them. */
const rewritten = (lives: readonly Live[], rewrite: Rewrite): readonly Live[] =>
  lives.map((live) =>
    live.packet.connection === 'untracked' || live.packet.connection === 'invalid'
      ? live
      : { ...live, packet: rewrite(live.packet) },
  );

/** Runs the packet's forms through one base chain; returns those in which it goes on, drops taken as mended. */
const walkChain = (
  state: NetfilterState,
  placed: PlacedChain,
  scene: Scene,
  lives: readonly Live[],
  gathered: Gathered,
): readonly Live[] => {
  const isNat = placed.chain.base?.type === 'nat';
  const spared = isNat ? lives.filter(({ packet, mapped }) => mapped || !asksNat(scene.hook, packet)) : [];
  if (spared.some((live) => live.mapped)) noteRival(state, placed, scene, spared, gathered);
  const endings: Ending[] = [];
  for (const live of lives) {
    if (spared.includes(live)) continue;
    const run = runBaseChain(state, placed.chain, scene, live);
    append(endings, run.endings);
    if (live.certain && isUndisturbed(gathered)) {
      append(gathered.met, run.met);
      append(gathered.counted, run.counted);
    }
    append(gathered.unknowns, run.unknowns);
    gathered.incomplete ||= run.incomplete;
  }
  judge(endings, spared.length > 0, placed, gathered);
  const [first] = endings;
  if (first?.translation) {
    gathered.translations.push(first.translation);
    gathered.mappedAt = placed.chain.base?.priority ?? null;
  }
  const onward = unite([...endings.map(({ packet, certain, mapped }) => ({ packet, certain, mapped })), ...spared]);
  const [only] = onward;
  return onward.length === 1 && only
    ? [{ ...only, certain: true }]
    : onward.map((live) => ({ ...live, certain: false }));
};

/** A spread would put every element on the stack, and a chain may hold more than fit there. */
const append = <T>(list: T[], more: readonly T[]): void => {
  for (const item of more) list.push(item);
};

/** Whether nothing has ended, or may have ended, the packet's way: only then do further counters surely move. */
const isUndisturbed = ({ decided, possibleDrops, queues, stranded }: Gathered): boolean =>
  !stranded && decided === null && possibleDrops.length === 0 && queues.length === 0;

/** Invalid and untracked packets have no connection that could be translated; a known connection has its mapping. */
const asksNat = (hook: AnyHook, packet: HookPacket): boolean => {
  const half = hook === 'postrouting' || hook === 'input' ? 'snat' : 'dnat';
  return (
    packet.connection === 'new' &&
    packet.natDecided !== true &&
    packet.connectionDirection === 'original' &&
    !packet.connectionStatus.includes(half)
  );
};

/** Files the ends of one base chain: a drop when every form of the packet ends in one, else a possible drop. */
const judge = (endings: readonly Ending[], hasSpared: boolean, { priority }: PlacedChain, gathered: Gathered): void => {
  const kills = endings.filter(({ verdict }) => verdict === 'drop' || verdict === 'reject');
  const last = kills.at(-1);
  const isSure = last !== undefined && kills.length === endings.length && !hasSpared;
  const possible = new Set(kills.map((kill) => kill.decidedBy));
  if (isSure) {
    possible.delete(last.decidedBy);
    gathered.drops.push(last.decidedBy);
    if (gathered.decided === null) gathered.decided = { ending: last, priority };
    else if (gathered.decided.priority === priority) {
      const because = `which of two base chains at priority ${priority} runs first is not known, and both drop`;
      gathered.unknowns.push({ rule: null, because });
    }
  }
  gathered.possibleDrops.push(...possible);
  const queued = endings.find(({ verdict }) => verdict === 'queue');
  if (queued) gathered.queues.push(queued.decidedBy);
};

/** A second NAT chain of the same priority that would also translate: which of the two is first is not in any dump. */
const noteRival = (
  state: NetfilterState,
  placed: PlacedChain,
  scene: Scene,
  spared: readonly Live[],
  gathered: Gathered,
): void => {
  if (placed.chain.base?.priority !== gathered.mappedAt) return;
  const rival = spared
    .filter((live) => live.mapped)
    .flatMap((live) => runBaseChain(state, placed.chain, scene, live).endings)
    .find((ending) => ending.translation !== null);
  if (rival === undefined) return;
  const because = `which of two NAT chains at priority ${gathered.mappedAt} runs first is not known, and both translate`;
  gathered.unknowns.push({ rule: rival.decidedBy, because });
};

/** A chain whose devices the dump does not name: what it would drop may be lost. */
const noteUnbound = (
  state: NetfilterState,
  { chain }: PlacedChain,
  scene: Scene,
  lives: readonly Live[],
  gathered: Gathered,
): void => {
  const because = `the devices of the chain ${chain.ref.table} ${chain.ref.chain} are not in the dump`;
  for (const live of lives) {
    const kills = runBaseChain(state, chain, scene, live).endings.filter(({ verdict }) => verdict !== 'accept');
    for (const { decidedBy } of kills) {
      gathered.possibleDrops.push(decidedBy);
      gathered.unknowns.push({ rule: decidedBy, because });
    }
  }
};

const noteUnread = (state: NetfilterState, layer: Layer, packet: HookPacket, gathered: Gathered): void => {
  for (const { families, because, layer: of = 'ip' } of state.unread) {
    if (of !== layer || !families.includes(packet.family)) continue;
    gathered.unknowns.push({ rule: null, because });
    gathered.incomplete = true;
  }
};

const resultOf = <H extends AnyHook>(
  hook: H,
  packet: HookPacket,
  lives: readonly Live[],
  gathered: Gathered,
): HookWalk<H> => {
  const { met, counted, drops, possibleDrops, unknowns, translations, decided, queues } = gathered;
  const [main, ...others] = lives.map((live) => live.packet);
  return {
    hook,
    verdict: decided?.ending.verdict ?? openVerdict(gathered),
    decidedBy: decided?.ending.decidedBy ?? queues[0] ?? null,
    drops,
    possibleDrops,
    met,
    counted,
    unknowns,
    translations,
    packet: main ?? packet,
    alternatives: others,
    ...(gathered.reroutes ? { reroutes: true } : {}),
    ...(gathered.stranded ? { stranded: true } : {}),
  };
};

const openVerdict = ({ queues, possibleDrops, incomplete }: Gathered): HookVerdict => {
  if (queues.length > 0) return 'queue';
  return possibleDrops.length > 0 || incomplete ? 'unknown' : 'accept';
};
