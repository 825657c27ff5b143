import { chainRules, findChains } from '../../src/netfilter/rules.js';
import type { RuleRef } from '../../src/netfilter/types.js';
import { isLoopback, serviceFor } from '../../src/routing/service.js';
import type { ArtifactOf, CheckContext } from '../define-check.js';
import { dnatRulesFor, isCertain, type Published } from './published.js';

/** Docker's rule that leaves loopback destinations to docker-proxy; it makes one alone where that program is to run. */
const LEFT_OUT = /(?:! -d|daddr !=) (?:127\.0\.0\.0\/8|::1(?:\/128)?)(?: |$)/;

/** What shows that docker-proxy alone is to take a connection of the host, and that none does. */
export interface DeadProxy {
  /** The rule of OUTPUT that leaves the destination out. */
  readonly leftOut: RuleRef;
  /** The rule that leads the port to the container from elsewhere. */
  readonly dnat: RuleRef;
}

/**
 * The dead docker-proxy of a port that the host asks for at a loopback address; `null` where another program has it, and
 * where the rules do not leave it to docker-proxy.
 * @see https://docs.docker.com/engine/network/packet-filtering-firewalls/ (userland proxy)
 */
export const deadProxyOf = (
  context: CheckContext,
  published: Published,
  sockets: ArtifactOf<'host.sockets'>,
): DeadProxy | null => {
  const { flow, target } = context;
  const { inbound, hook, dnat, packet } = published;
  const isLeft = target.kind === 'docker' && hook === 'output' && isLoopback(flow.destination) && dnat === null;
  if (!isLeft || inbound.port === null || inbound.proxy !== null || !isCertain(published)) return null;
  if (packet === null || serviceFor(sockets, packet)?.listens === 'yes') return null;
  const state = context.netfilter('host');
  const outputs = state ? findChains(state, ({ table, chain }) => table === 'nat' && chain === 'OUTPUT') : [];
  const leftOut = outputs
    .flatMap((chain) => (state ? chainRules(state, chain) : []))
    .find(({ text }) => LEFT_OUT.test(text));
  const [rule] = dnatRulesFor(context, published);
  return leftOut && rule ? { leftOut, dnat: rule } : null;
};
