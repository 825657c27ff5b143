import type { Link, RouterNode } from '../../src/model/path.js';
import { hopOf, lastRouter, wireLink } from '../../src/model/path-queries.js';
import type { ProbeResult } from '../../src/model/probe.js';
import type { AddressState, LinkState } from '../../src/model/state.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, type CheckProduct, notApplicable, pass } from '../define-check.js';
import { isHostAddress, isPrivate, sourceAtUplink } from './nat.js';
import { peerLoss } from './peer.js';

/** Requests left the uplink as they should, and nothing came back, to the container or to the host itself. */
export interface SilentOutside {
  readonly wire: Link;
  readonly device: string;
  /** Source with which they left; `null` when it is not known. */
  readonly source: string | null;
  /** Whether an answer to that source comes back to this host. */
  readonly own: boolean;
  readonly control: ProbeResult | null;
}

interface Artifacts {
  readonly 'host.links': readonly LinkState[];
  readonly 'host.addresses': readonly AddressState[];
}

/** What is known of the silence outside, or what a check has to say where there is none, or the host itself is answered. */
export const silentOutside = (artifacts: Artifacts, context: CheckContext): SilentOutside | CheckProduct => {
  const quiet = quietOutside(artifacts, context);
  return 'control' in quiet && quiet.control && quiet.control.answered > 0 ? ANSWERS_HOST : quiet;
};

export const ANSWERS_HOST: CheckProduct = pass('the same probe from the host itself is answered');

/** The same, where the host itself may be answered. */
export const quietOutside = (artifacts: Artifacts, context: CheckContext): SilentOutside | CheckProduct => {
  const router: RouterNode | null = lastRouter(context.path);
  const wire = wireLink(context.path);
  if (!router || !wire || router.oif === null) return notApplicable('the flow does not leave the host');
  if (context.fullSize) return pass('smaller packets are answered');
  if (context.located.answered > 0 || context.located.replyBy.length > 0) return pass('answers come back');
  if (isPrivate(context.flow.destination) && !usesGateway(context))
    return notApplicable('the container may take the destination for a neighbour of its own');
  if (peerLoss(context)) return notApplicable('the other host shows where the packets are lost');
  const uplink = artifacts['host.links'].find((link) => link.ifname === router.oif);
  if (!uplink?.flags.includes('LOWER_UP')) return notApplicable(`${router.oif} has no carrier`);
  const outermost = context.path.hops.find(({ id, captured }) => captured && id === wire.from);
  const exit = outermost ?? hopOf(context.path, 'uplink');
  const seen = context.located.counts.find((count) => count.hop === exit?.id);
  if (!seen || seen.forward === 0) return notApplicable('the packets do not reach the uplink');
  if (!context.hasHeaders)
    return notApplicable('with which addresses the packets leave, and who else has them, was not seen');
  const unwatched = context.path.hops.find(
    (hop) =>
      hop.role === 'alternate-uplink' && context.located.counts.some((count) => count.hop === hop.id && !count.trusted),
  );
  if (unwatched) return notApplicable(`answers may have come by ${unwatched.ifname}, which was not watched`);
  const hop = stepsOf(context.walk, 'neighbour').findLast(
    ({ way, netns }) => way === 'forward' && netns === router.netns,
  );
  if (hop?.detail.entry?.states.includes('PERMANENT'))
    return notApplicable(`the MAC of ${hop.detail.address} was set by hand, and may be wrong`);
  const source = sourceAtUplink(context);
  const own = source !== null && (isHostAddress(artifacts['host.addresses'], source) || !isPrivate(source));
  const control = context.control?.failure === null ? context.control : null;
  return { wire, device: router.oif, source, own, control };
};

/** Whether the container's own route to the destination names a gateway: what it sends to a neighbour is meant for no router. */
const usesGateway = (context: CheckContext): boolean =>
  stepsOf(context.walk, 'route').some(
    ({ netns, way, detail }) => netns === 'target' && way === 'forward' && detail.answer.gateway !== null,
  );
