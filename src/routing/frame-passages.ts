import type { RouterNode } from '../model/path.js';
import type { Passage } from './frame-hooks.js';

export const DEVICE = { layer: 'netdev', iif: null, oif: null } as const;
const BRIDGE = { layer: 'bridge', stage: 'bridge-forward', iif: null, oif: null } as const;

/** A port of a bridge, by which a frame comes in or leaves. */
export interface Port {
  readonly netns: string;
  readonly link: string;
  readonly bridge: string;
  readonly port: string;
}

/** What a bridge asks when it hands a frame to the IP stack of its own namespace. */
export const takenUp = ({ netns, link, bridge, port }: Port, above: string): readonly Passage[] => [
  { ...BRIDGE, netns, link, bridgeIn: bridge, hook: 'input', iif: port },
  { ...DEVICE, netns, link: above, stage: 'prerouting', hook: 'ingress', iif: bridge },
];

/** The hooks of a frame that comes in by a port of a bridge. */
export const entering = ({ netns, link, bridge, port }: Port): readonly Passage[] => [
  { ...DEVICE, netns, link, stage: 'tc', hook: 'ingress', iif: port },
  { ...BRIDGE, netns, link, bridgeIn: bridge, hook: 'prerouting', iif: port },
];

/** The hooks of a frame that comes in by a port of a bridge, up to the IP stack of its namespace. */
export const inByPort = (port: Port, above: string): readonly Passage[] => [...entering(port), ...takenUp(port, above)];

/** The hooks of a frame that the IP stack sends out by a port of a bridge. */
export const outByPort = ({ netns, link, bridge, port }: Port, above: string): readonly Passage[] => [
  { ...DEVICE, netns, link: above, stage: 'postrouting', hook: 'egress', oif: bridge },
  { ...BRIDGE, netns, link, bridgeOut: bridge, hook: 'output', oif: port },
  ...leaving({ netns, link, bridge, port }),
];

/** The hooks of a frame on its last way out by a port. */
export const leaving = ({ netns, link, bridge, port }: Port): readonly Passage[] => [
  { ...BRIDGE, netns, link, bridgeOut: bridge, hook: 'postrouting', oif: port },
  { ...DEVICE, netns, link, stage: 'tc', hook: 'egress', oif: port },
];

/** The hooks of a frame that a bridge passes from one port to another. */
export const across = (from: Port, to: Port): readonly Passage[] => {
  const { netns, link, bridge } = from;
  return [
    ...entering(from),
    { ...BRIDGE, netns, link, bridgeIn: bridge, bridgeOut: bridge, hook: 'forward', iif: from.port, oif: to.port },
    ...leaving(to),
  ];
};

/** The hooks of one device of a router: where a packet leaves by it, or comes in. */
export const atDevice = (
  { netns, link }: Pick<RouterNode, 'netns' | 'link'>,
  hook: 'ingress' | 'egress',
  device: string | null,
): readonly Passage[] =>
  device === null
    ? []
    : [
        {
          ...DEVICE,
          netns,
          link,
          stage: hook === 'ingress' ? 'prerouting' : 'postrouting',
          hook,
          ...(hook === 'ingress' ? { iif: device } : { oif: device }),
        },
      ];

/** The hooks of ARP in the namespace that sends or takes it. */
export const arpPassage = (
  netns: string,
  link: string,
  hook: 'input' | 'output',
  device: string | null,
): readonly Passage[] =>
  device === null
    ? []
    : [
        {
          netns,
          link,
          stage: 'neighbour',
          layer: 'arp',
          hook,
          iif: hook === 'input' ? device : null,
          oif: hook === 'output' ? device : null,
        },
      ];

/** The IP hooks of a neighbour solicitation or advertisement where it is made or taken. */
export const ndPassage = (
  netns: string,
  link: string,
  hook: 'input' | 'output',
  device: string | null,
): readonly Passage[] => arpPassage(netns, link, hook, device).map((passage) => ({ ...passage, layer: 'ip' }));
