import { hopOf, originLink } from '../../src/model/path-queries.js';
import type { BridgePort } from '../../src/model/state.js';
import type { CheckContext } from '../define-check.js';

/** The host's end of the container's veth pair as a port of its bridge, and the link that the bridge decides about. */
export interface OwnPort {
  readonly port: BridgePort;
  readonly link: string;
}

/** The port by which the packets leave the host's uplink, where that is a bridge; `null` where it is none. */
export const uplinkPort = <T extends { readonly ifname: string; readonly master: string | null }>(
  { path, device }: CheckContext,
  ports: readonly T[],
): { readonly port: T; readonly link: string } | null => {
  const at = path.hops.findIndex(({ role, netns }) => role === 'uplink' && netns === 'host');
  const [uplink, below] = [path.hops[at], path.hops[at + 1]];
  const port = below?.role === 'lower' ? ports.find(({ ifname }) => ifname === below.ifname) : undefined;
  const link = path.links.find(({ from, to }) => from === uplink?.id && to === below?.id);
  const isBridge = uplink?.ifname != null && device('host', uplink.ifname)?.kind === 'bridge';
  return port && link && isBridge && port.master === uplink.ifname ? { port, link: link.id } : null;
};

/** The port by which the container's frames come into the bridge; `null` where it is on none. */
export const ownPort = (context: CheckContext, ports: readonly BridgePort[]): OwnPort | null => {
  const hop = hopOf(context.path, 'veth-host');
  const port = ports.find((candidate) => candidate.ifname === hop?.ifname);
  if (!hop || !port) return null;
  const link = context.path.links.find(({ from }) => from === hop.id) ?? originLink(context.path);
  return { port, link: link.id };
};
