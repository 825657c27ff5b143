import type { Hop, RouterNode } from '../model/path.js';
import type { WalkInput } from './flow-walk-types.js';
import type { Passage } from './frame-hooks.js';
import { linkNamed } from './state.js';

/** The devices between the container and the IP stack that is next to it. */
interface Ends {
  readonly device: string | null;
  readonly origin: string;
  readonly port: (Hop & { readonly ifname: string }) | null;
  /** The link of the path that begins at the port. */
  readonly link: string;
  /** The bridge that the port belongs to, where the packets cross it. */
  readonly bridge: string | null;
  /** The port of the other container, for what one bridge passes from port to port. */
  readonly far: string | null;
}

const endsOf = ({ path, states }: WalkInput, router: RouterNode | null): Ends => {
  const port = path.hops.find(({ role }) => role === 'veth-host') ?? null;
  const links = port ? states[port.netns]?.links : undefined;
  const master = links?.ok ? (linkNamed({ links: links.value }, port?.ifname ?? null)?.master ?? null) : null;
  const isCrossed = master !== null && (router === null || router.iif === master);
  const { ifname = null } = port ?? {};
  return {
    device: path.hops[1]?.ifname ?? null,
    origin: path.links[0]?.id ?? '',
    port: port !== null && ifname !== null ? { ...port, ifname } : null,
    link: path.links.find(({ from }) => from === port?.id)?.id ?? '',
    bridge: isCrossed ? master : null,
    far: router === null ? (path.hops.find(({ role }) => role === 'bridge-port')?.ifname ?? null) : null,
  };
};

const DEVICE = { layer: 'netdev', iif: null, oif: null } as const;
const BRIDGE = { layer: 'bridge', stage: 'bridge-forward', iif: null, oif: null } as const;

/** The hooks of devices and of the bridge from the container to the IP stack, or to the container, next to it. */
export const wayOut = (input: WalkInput, router: RouterNode | null): readonly Passage[] => {
  const { device, origin, port, link, bridge, far } = endsOf(input, router);
  const out: Passage[] = [
    { ...DEVICE, netns: 'target', link: origin, stage: 'postrouting', hook: 'egress', oif: device },
  ];
  if (port === null) return out;
  const { netns, ifname } = port;
  const onBridge = { netns, link, bridgeIn: bridge };
  out.push({ ...DEVICE, netns, link, stage: bridge === null ? 'prerouting' : 'tc', hook: 'ingress', iif: ifname });
  if (bridge === null) return out;
  out.push({ ...BRIDGE, ...onBridge, hook: 'prerouting', iif: ifname });
  if (router !== null) {
    out.push({ ...BRIDGE, ...onBridge, hook: 'input', iif: ifname });
    out.push({ ...DEVICE, netns, link: router.link, stage: 'prerouting', hook: 'ingress', iif: bridge });
  } else if (far !== null) {
    out.push({ ...BRIDGE, ...onBridge, bridgeOut: bridge, hook: 'forward', iif: ifname, oif: far });
    out.push({ ...BRIDGE, netns, link, bridgeOut: bridge, hook: 'postrouting', oif: far });
    out.push({ ...DEVICE, netns, link, stage: 'tc', hook: 'egress', oif: far });
  }
  return out;
};

/** The same hooks the other way: from the IP stack, or the other container, to the container. */
export const wayIn = (input: WalkInput, router: RouterNode | null): readonly Passage[] => {
  const { device, origin, port, link, bridge, far } = endsOf(input, router);
  const last: Passage = {
    ...DEVICE,
    netns: 'target',
    link: origin,
    stage: 'prerouting',
    hook: 'ingress',
    iif: device,
  };
  if (port === null) return [last];
  const { netns, ifname } = port;
  const back: Passage[] = [];
  if (bridge === null) {
    back.push({ ...DEVICE, netns, link, stage: 'postrouting', hook: 'egress', oif: ifname });
    return [...back, last];
  }
  if (router !== null) {
    back.push({ ...DEVICE, netns, link: router.link, stage: 'postrouting', hook: 'egress', oif: bridge });
    back.push({ ...BRIDGE, netns, link, bridgeOut: bridge, hook: 'output', oif: ifname });
  } else if (far !== null) {
    back.push({ ...DEVICE, netns, link, stage: 'tc', hook: 'ingress', iif: far });
    back.push({ ...BRIDGE, netns, link, bridgeIn: bridge, hook: 'prerouting', iif: far });
    back.push({ ...BRIDGE, netns, link, bridgeIn: bridge, bridgeOut: bridge, hook: 'forward', iif: far, oif: ifname });
  }
  back.push({ ...BRIDGE, netns, link, bridgeOut: bridge, hook: 'postrouting', oif: ifname });
  back.push({ ...DEVICE, netns, link, stage: 'tc', hook: 'egress', oif: ifname });
  return [...back, last];
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
