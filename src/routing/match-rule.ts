import type { PolicyRule } from '../model/state.js';
import { addressIn } from './network.js';
import { type RoutingState, vrfOf } from './state.js';
import type { RouteQuery } from './types.js';

export interface RuleMatch {
  readonly matches: boolean;
  /** Whether the answer rests on something that is not known (ports, user, an unknown selector). */
  readonly unsure: boolean;
}

type Answer = boolean | 'unknown';

/**
 * Whether a policy rule selects a packet. What is not known counts as not selected.
 * @see fib_rule_match in net/core/fib_rules.c; ip-rule(8)
 */
export const matchRule = (state: RoutingState, rule: PolicyRule, query: RouteQuery, vrf: string | null): RuleMatch => {
  const answers: Answer[] = [
    matchDevice(state, rule.iif, query.iif ?? 'lo'),
    rule.oif === null,
    rule.mark === null || ((rule.mark ^ query.mark) & rule.markMask) === 0,
    !rule.l3mdev || vrf !== null,
    addressIn(rule.source, query.source),
    addressIn(rule.destination, query.destination),
    rule.tos === null || rule.tos === 0,
    matchProtocol(rule, query),
    matchPorts(rule.sourcePorts, query.sourcePort, query),
    matchPorts(rule.destinationPorts, query.destinationPort, query),
    rule.uids === null || rule.uids[0] === 0,
    rule.unjudged === undefined ? true : 'unknown',
  ];
  if (answers.includes(false)) return { matches: rule.not, unsure: false };
  const unsure = answers.includes('unknown');
  const userUnknown = rule.uids !== null && query.iif === null;
  return { matches: unsure ? false : !rule.not, unsure: unsure || userUnknown };
};

const matchDevice = (state: RoutingState, wanted: string | null, iif: string): boolean =>
  wanted === null || wanted === iif || (wanted === vrfOf(state, iif)?.ifname && wanted !== null);

const PROTOCOL_NAMES = {
  icmp: { 4: ['icmp', '1'], 6: ['ipv6-icmp', '58'] },
  tcp: { 4: ['tcp', '6'], 6: ['tcp', '6'] },
  udp: { 4: ['udp', '17'], 6: ['udp', '17'] },
} as const;

const matchProtocol = (rule: PolicyRule, query: RouteQuery): Answer => {
  if (rule.protocol === null) return true;
  if (query.withoutProtocol === true) return false;
  if (query.protocol === undefined) return 'unknown';
  const names: readonly string[] = PROTOCOL_NAMES[query.protocol][query.family];
  return names.includes(rule.protocol);
};

const matchPorts = (range: readonly [number, number] | null, port: number | undefined, query: RouteQuery): Answer => {
  if (range === null) return true;
  if (query.protocol === 'icmp' || query.withoutProtocol === true) return false;
  return port === undefined ? 'unknown' : port >= range[0] && port <= range[1];
};
