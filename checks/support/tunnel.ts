import { hopOf, lastRouter, linkById } from '../../src/model/path-queries.js';
import type { LinkState } from '../../src/model/state.js';
import type { CheckContext } from '../define-check.js';
import { isUnresolved } from './unresolved.js';

/** The VXLAN device of the host by which the flow leaves, and what it knows of the other end. */
export interface Tunnel {
  readonly link: LinkState;
  /** Next hop inside of the tunnel. */
  readonly nextHop: string;
  /** Where the host routes the packet into the tunnel. */
  readonly into: string;
  /** Where it is wrapped and leaves. */
  readonly out: string;
  /** MAC of the next hop; `null` when it is not known. */
  readonly mac: string | null;
  /** Address of the host at the other end; `null` when nothing names one. */
  readonly remote: string | null;
}

/** `null` for a flow that leaves by no VXLAN device, or whose other end was not looked for. */
export const tunnelOf = (links: readonly LinkState[], context: CheckContext): Tunnel | null => {
  const router = lastRouter(context.path);
  const hop = hopOf(context.path, 'tunnel');
  const link = links.find(({ ifname }) => ifname === hop?.ifname);
  if (!router || hop?.netns !== 'host' || !hop.tunnel || link?.kind !== 'vxlan' || router.nextHop === null) return null;
  const entry = context.neighbour('host', link.ifname, router.nextHop);
  return {
    link,
    nextHop: router.nextHop,
    into: router.link,
    out: context.path.links.find(({ from }) => from === hop.id)?.id ?? router.link,
    mac: isUnresolved(entry) ? null : (entry?.lladdr ?? null),
    remote: hop.tunnel.remote,
  };
};

/** A packet of the probe as it travels inside of the tunnel. */
export interface Wrapped {
  /** Bytes of the outer IP packet. */
  readonly bytes: number;
  /** The device by which it leaves. */
  readonly under: LinkState;
}

/** Outer IP, UDP and VXLAN headers, and the Ethernet header inside. @see RFC 7348 §5 */
const OVERHEAD = { 4: 50, 6: 70 } as const;

/** `null` where the device below the tunnel is not known. */
export const wrapped = (links: readonly LinkState[], { path, sent }: CheckContext): Wrapped | null => {
  const uplink = hopOf(path, 'uplink');
  const under = links.find(({ ifname }) => ifname === uplink?.ifname);
  return under && uplink?.inside ? { bytes: sent.bytes + OVERHEAD[uplink.inside.outerFamily], under } : null;
};

/** Whether the flow leaves by a tunnel of any kind: what is inside of it keeps its addresses. */
export const isTunnelled = ({ path }: CheckContext): boolean => hopOf(path, 'tunnel') !== null;

/** The stage at which the packet is wrapped. */
export const wrapStage = (context: CheckContext, out: string): 'route' | 'qdisc' =>
  linkById(context.path, out)?.stages.includes('route') ? 'route' : 'qdisc';
