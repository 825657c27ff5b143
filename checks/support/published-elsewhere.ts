import type { ListeningSocket } from '../../src/model/state.js';
import type { RuleRef } from '../../src/netfilter/types.js';
import { isLoopback, serviceFor } from '../../src/routing/service.js';
import type { CheckContext } from '../define-check.js';
import { dnatRulesFor, type Published } from './published.js';

/** A rule that leads the port to a container for a loopback address of the host alone. */
export const loopbackRule = (context: CheckContext, published: Published): RuleRef | null =>
  isLoopback(context.flow.destination)
    ? null
    : (dnatRulesFor(context, published).find(({ text }) => {
        const [, address] = /(?:-d |daddr )(\S+?)(?:\/\d+)?(?:\s|$)/.exec(text) ?? [];
        return address !== undefined && isLoopback(address);
      }) ?? null);

/** Whether the runtime, or a rule, says that the port is published on 127.0.0.1 alone. */
export const isLoopbackOnly = (context: CheckContext, published: Published): boolean =>
  loopbackRule(context, published) !== null || loopbackPort(context, published) !== null;

/** What the runtime published on a loopback address alone: `127.0.0.1:8080->80/tcp`. */
export const loopbackPort = ({ target, flow }: CheckContext, { port }: Published): string | null => {
  const ours = (target.ports ?? []).filter((text) => new RegExp(`:${port}->\\d+/${flow.protocol}$`).test(text));
  const isOnly =
    ours.length > 0 && ours.every((text) => isLoopback(text.replace(/:\d+->.*$/, '').replace(/^\[|\]$/g, '')));
  return isOnly && !isLoopback(flow.destination) ? (ours[0] ?? null) : null;
};

/** Whether a program of the host, and not Docker's own, takes what comes to the published place. */
export const isHostService = (
  context: CheckContext,
  { inbound, packet }: Published,
  sockets: readonly ListeningSocket[],
): boolean => {
  if (inbound.proxy !== null || packet === null || isReserved(context)) return false;
  return serviceFor(sockets, packet)?.listens === 'yes';
};

/** Podman's conmon keeps published ports open, so that nobody else takes them, and serves nothing there. */
export const isReserved = ({ target, inbound }: CheckContext): boolean =>
  target.kind === 'podman' && inbound !== null && inbound.port !== null;
