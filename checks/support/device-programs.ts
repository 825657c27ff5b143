import type { Way } from '../../src/model/flow.js';
import type { Hop } from '../../src/model/path.js';
import type { CheckContext } from '../define-check.js';

/** Roles of devices by which packets of a way come in; by all others they go out. */
const COMES_IN: Readonly<Record<Way, readonly Hop['role'][]>> = {
  forward: ['veth-host', 'bridge', 'peer'],
  return: ['container', 'uplink', 'bridge-port'],
};

/** Devices whose traffic is told apart by its direction. */
const DEVICES: readonly Hop['role'][] = ['container', 'veth-host', 'bridge', 'bridge-port', 'peer', 'uplink'];

/** A device that the packets pass, on one way. */
export interface Passage {
  readonly hop: Hop & { readonly ifname: string };
  readonly way: Way;
  readonly side: 'ingress' | 'egress';
  /** Link before the device on that way. */
  readonly before: string | null;
  /** Link behind it. */
  readonly behind: string | null;
}

/** Every device that the packets pass, first on the way there, then on the way back. */
export const passages = ({ path }: CheckContext): readonly Passage[] =>
  (['forward', 'return'] as const).flatMap((way) =>
    path.hops.flatMap((hop, index) => {
      const { ifname } = hop;
      const role = hop.role === 'lower' && isBelowUplink(path.hops, index) ? 'uplink' : hop.role;
      if (ifname === null || !DEVICES.includes(role)) return [];
      const inner = path.links.find(({ to }) => to === hop.id)?.id ?? null;
      const outer = path.links.find(({ from }) => from === hop.id)?.id ?? null;
      return [
        {
          hop: { ...hop, ifname },
          way,
          side: COMES_IN[way].includes(role) ? ('ingress' as const) : ('egress' as const),
          before: way === 'forward' ? inner : outer,
          behind: way === 'forward' ? outer : inner,
        },
      ];
    }),
  );

/** A device below an uplink passes packets the way the uplink does; one between switches of the host is told apart by nothing. */
const isBelowUplink = (hops: readonly Hop[], index: number): boolean => {
  const above = hops.slice(0, index).findLast(({ role }) => role !== 'lower');
  return above?.role === 'uplink';
};

/** Probes that the captures lost on a link; `null` where they lost none. */
export const lostOn = ({ located }: CheckContext, link: string, way: Way): number | null => {
  const broken = way === 'forward' ? located.forwardBreak : located.returnBreak;
  if (located.way === way && (broken?.link === link || located.ambiguous.includes(link))) return located.lost;
  return located.lossy.find((loss) => loss.link === link && loss.way === way)?.lost ?? null;
};
