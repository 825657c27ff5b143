import ipaddr from 'ipaddr.js';
import { lastRouter } from '../../src/model/path-queries.js';
import type { AddressState, LinkState, NeighbourState } from '../../src/model/state.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import type { CheckContext } from '../define-check.js';
import { isPrivate } from './nat.js';
import { isTunnelled } from './tunnel.js';

export const DEFAULTS: readonly string[] = ['0.0.0.0/0', '::/0'];

/** A tunnel by which packets should go that take the default route. */
export interface Stray {
  readonly link: LinkState;
  /** The tunnel's entry for the end that has the destination's network; `null` where the tunnel is down, and has none. */
  readonly end: NeighbourState | null;
  /** Prefix length of the networks. */
  readonly bits: number;
}

interface Artifacts {
  readonly 'host.links': readonly LinkState[];
  readonly 'host.addresses': readonly AddressState[];
  readonly 'host.neighbours': readonly NeighbourState[];
}

/**
 * The agents of VXLAN overlays give each host one network of the same size, and name the host's end of the tunnel by that
 * network's first address. Where the default route takes a packet for a network that a tunnel has an end for, or this
 * network's own tunnel is down, the packet goes astray; `null` where there is no sign of that.
 */
export const strayed = (artifacts: Artifacts, context: CheckContext): Stray | null => {
  const { flow, walk, path } = context;
  const step = stepsOf(walk, 'route').findLast(({ netns, way }) => netns === 'host' && way === 'forward');
  const route = step?.detail.answer.route;
  if (!route || !DEFAULTS.includes(route.destination) || isTunnelled(context) || !isPrivate(flow.destination))
    return null;
  const iif = lastRouter(path)?.iif;
  const own = artifacts['host.addresses'].find(
    (one) => one.ifname === iif && one.family === 4 && flow.family === 4 && one.scope === 'global',
  );
  if (!own) return null;
  const bits = own.prefixLength;
  const network = firstOf(own.local, bits);
  for (const link of artifacts['host.links'].filter(({ kind }) => kind === 'vxlan')) {
    const { ifname, flags } = link;
    const end = artifacts['host.neighbours'].find(
      (one) => one.dev === ifname && one.lladdr !== null && one.address === firstOf(flow.destination, bits),
    );
    if (end && flags.includes('UP')) return { link, end, bits };
    const isOwn = artifacts['host.addresses'].some((one) => one.ifname === ifname && one.local === network);
    if (isOwn && !flags.includes('UP')) return { link, end: null, bits };
  }
  return null;
};

const firstOf = (address: string, bits: number): string =>
  ipaddr.IPv4.networkAddressFromCIDR(`${address}/${bits}`).toString();
