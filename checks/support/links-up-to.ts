import type { LossPlace } from '../../src/model/finding.js';
import type { Way } from '../../src/model/flow.js';
import type { CheckContext } from '../define-check.js';

/**
 * Where a packet is lost that a router's PREROUTING or route refuses: on the router's link, and where br_netfilter runs
 * these for frames that are still on the bridge's port, on the link before it.
 */
export const linksUpTo = ({ path }: CheckContext, link: string, way: Way): readonly [LossPlace, ...LossPlace[]] => {
  const from = path.links.find(({ id }) => id === link)?.from;
  const isBridge = path.hops.find(({ id }) => id === from)?.role === 'bridge';
  const before = way === 'forward' && isBridge ? path.links.find(({ to }) => to === from) : undefined;
  return [{ link, way }, ...(before ? [{ link: before.id, way }] : [])];
};
