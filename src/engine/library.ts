import type { CheckConclusion, CheckPhase } from '../model/check-report.js';
import type { Family, Protocol } from '../model/flow.js';
import type { NetnsState } from '../model/state.js';
import type { HookPacket } from '../netfilter/types.js';
import type { WalkStep } from '../routing/flow-walk-types.js';
import { firstPacket } from '../routing/probe-packet.js';
import { walkExchange } from '../routing/walk-exchange.js';
import { PACKET_LENGTH } from './check.js';
import { conclude } from './check-conclusion.js';
import { phasesOf } from './check-phases.js';
import { type Dumps, stateFromDumps } from './dumps.js';

export type { Dumps } from './dumps.js';

/** The packet that {@link walk} sends through a host. */
export interface WalkPacket {
  readonly protocol: Protocol;
  readonly source: string;
  readonly destination: string;
  /** @default 40000 for TCP and UDP */
  readonly sourcePort?: number;
  /** Needed for TCP and UDP. */
  readonly destinationPort?: number;
  /** Device that it comes in by; without it a socket of the host sends it. */
  readonly iif?: string;
  /** @default 0 */
  readonly mark?: number;
  /** @default 64 */
  readonly ttl?: number;
  /** Bytes of the IP packet. @default 84 */
  readonly length?: number;
}

/** What becomes of a packet and of its answer. */
export interface WalkAnswer {
  /** `accepted`, `dropped`, or `depends` on what only the running kernel knows. */
  readonly verdict: CheckConclusion['verdict'];
  readonly conclusion: CheckConclusion;
  /** Every decision in order: hook, table, chain, rule number or handle, counters, rewrites, what is not known. */
  readonly phases: readonly CheckPhase[];
  /** The packet as it left the host or was delivered, with its addresses after NAT. */
  readonly packet: HookPacket;
  /** The steps as the walkers give them, with all that they looked at. */
  readonly steps: readonly WalkStep[];
}

/**
 * The state of a host from the text of its dumps, for {@link walk}. What is not given is assumed to be empty; the
 * assumptions say so.
 * @param family the family of the packets: dumps of iptables and of policy rules are of one family
 * @throws KnownError that names the dump and the line, for a dump that cannot be read
 */
export const stateFrom = (
  dumps: Dumps,
  family: Family = 4,
): { readonly state: NetnsState; readonly assumptions: readonly string[] } => stateFromDumps(dumps, family, null);

/**
 * Walks one packet, and the answer to it, through a host: every hook, table, chain and rule, every policy rule and
 * route. Pure: the same state and packet give the same answer. The state is parsed once, so a second walk is fast.
 * @throws TypeError for a packet whose addresses are of two families
 */
export const walk = (state: NetnsState, packet: WalkPacket): WalkAnswer => {
  const { steps, request } = walkExchange(state, toHookPacket(packet));
  const phases = phasesOf(steps, [{ id: 'host', name: 'host' }]);
  const leaving = request.end === 'sent' ? { packet: request.packet, route: request.route } : null;
  const conclusion = conclude(phases, steps, leaving);
  return { verdict: conclusion.verdict, conclusion, phases, packet: request.packet, steps };
};

const toHookPacket = (packet: WalkPacket): HookPacket => {
  const { source, destination, protocol, destinationPort = null, mark = 0 } = packet;
  const family: Family = destination.includes(':') ? 6 : 4;
  if (source.includes(':') !== (family === 6)) throw new TypeError(`${source} and ${destination} are of two families`);
  const first = firstPacket(
    {
      kind: 'egress',
      family,
      protocol,
      source,
      destination,
      destinationText: destination,
      port: destinationPort,
      mark,
    },
    packet.length ?? PACKET_LENGTH,
  );
  return {
    ...first,
    iif: packet.iif ?? null,
    sourcePort: protocol === 'icmp' ? null : (packet.sourcePort ?? first.sourcePort),
    ttl: packet.ttl ?? first.ttl,
  };
};
