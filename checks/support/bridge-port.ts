import { hopOf, originLink } from '../../src/model/path-queries.js';
import type { BridgePort } from '../../src/model/state.js';
import type { CheckContext } from '../define-check.js';

/** The host's end of the container's veth pair as a port of its bridge, and the link that the bridge decides about. */
export interface OwnPort {
  readonly port: BridgePort;
  readonly link: string;
}

/** The port by which the container's frames come into the bridge; `null` where it is on none. */
export const ownPort = (context: CheckContext, ports: readonly BridgePort[]): OwnPort | null => {
  const hop = hopOf(context.path, 'veth-host');
  const port = ports.find((candidate) => candidate.ifname === hop?.ifname);
  if (!hop || !port) return null;
  const link = context.path.links.find(({ from }) => from === hop.id) ?? originLink(context.path);
  return { port, link: link.id };
};
