import type { Path, RouterNode } from '../../src/model/path.js';
import type { NetnsState } from '../../src/model/state.js';
import type { HookPacket } from '../../src/netfilter/types.js';
import type { WalkInput } from '../../src/routing/flow-walk-types.js';
import { hop } from '../helpers/path-parts.js';
import { netnsState } from '../unit/netfilter/helpers/state.js';
import type { TestPacket } from './random-case.js';
import { toSix } from './to-six.js';

/** What world.sh builds, as the predictions need it. */
export type Namespace = 'inside' | 'outside0' | 'outside1' | 'ca' | 'cb';

export const MACS = {
  ca: '02:00:00:00:02:04',
  cb: '02:00:00:00:02:05',
  br0: '02:00:00:00:01:09',
} as const;
export const PORTS = { ca: 'pa', cb: 'pb' } as const;

/** Bytes of an IPv4 packet of the senders. */
export const LENGTHS = { tcp: 60, udp: 36, icmp: 84 } as const;

/** Bytes of an IPv4 packet with a TCP header without options. */
export const BARE_TCP = 40;

const beyond = Array.from({ length: 9 }, (_, last) => `203.0.113.${last + 1}`);
const OWN: Readonly<Record<Namespace, readonly string[]>> = {
  inside: ['192.168.0.2', '192.168.0.77', '10.9.0.5'],
  outside0: ['198.51.100.1', '198.51.100.20', ...beyond],
  outside1: ['198.51.101.1', ...beyond],
  ca: ['192.168.1.2'],
  cb: ['192.168.1.3'],
};

/** Whether a namespace answers to an address. */
export const owns = (place: Namespace, address: string): boolean =>
  OWN[place].some((own) => own === address || (own !== '10.9.0.5' && toSix(own) === address));

/** Where a packet that leaves the host arrives; `null` where nobody takes it. */
export const namespaceAt = ({ oif, destination }: HookPacket): Namespace | null => {
  switch (oif) {
    case 'in0':
      return 'inside';
    case 'out0':
      return 'outside0';
    case 'out1':
      return 'outside1';
    case 'br0':
      return owns('ca', destination) ? 'ca' : owns('cb', destination) ? 'cb' : null;
    default:
      return null;
  }
};

/** One packet where it arrived: `outside0 192.168.0.2.10001 > 203.0.113.5.80`. */
export const arrivalText = (place: Namespace, packet: HookPacket, identifier: number): string => {
  const end = (address: string, port: number | null): string => (port === null ? address : `${address}.${port}`);
  const kind = packet.protocol !== 'icmp' ? '' : identifier === 0 ? ' reply' : ' request';
  const [source, destination] = [
    end(packet.source, packet.sourcePort),
    end(packet.destination, packet.destinationPort),
  ];
  return `${place} ${source} > ${destination}${kind}`;
};

const LINE = /^(\S+) IP6? (\S+) > (\S+): (?:(?:ICMP|ICMP6,) echo (request|reply), id (\d+)|.*)/;

/** The same from a line of tcpdump, with the port or identifier that tells the packet; `null` for other traffic. */
export const parseArrival = (line: string): { readonly identifier: number; readonly text: string } | null => {
  const [, place, source = '', destination = '', kind, id] = LINE.exec(line) ?? [];
  if (place === undefined) return null;
  if (kind !== undefined) return { identifier: Number(id), text: `${place} ${source} > ${destination} ${kind}` };
  if (line.includes('ICMP')) return null;
  const ports = [source, destination].map((end) => Number(/\.(\d+)$/.exec(end)?.[1] ?? 0));
  const identifier = ports.find((port) => port >= 10_000);
  return identifier === undefined ? null : { identifier, text: `${place} ${source} > ${destination}` };
};

/** The path of a frame from ca to cb, as discovery would draw it. */
export const bridgedPath = (packet: TestPacket): Pick<WalkInput, 'path' | 'flow'> => ({
  flow: {
    kind: 'lateral',
    family: packet.family,
    protocol: packet.protocol,
    source: packet.source,
    destination: packet.destination,
    destinationText: packet.destination,
    port: packet.destinationPort,
    mark: 0,
  },
  path: {
    hops: [
      hop('h0', 'socket', 'target', null),
      hop('h1', 'container', 'target', 'eth0'),
      hop('h2', 'veth-host', 'host', 'pa'),
      hop('h3', 'bridge-port', 'host', 'pb'),
      hop('h4', 'peer', 'ns1', 'eth0'),
    ],
    links: [{ id: 'h2-h3', from: 'h2', to: 'h3', stages: ['bridge-forward'] }],
    routers: [],
    notes: [],
  },
});

/** The path of a packet of a container on the bridge to the host's IP stack, as discovery would draw it. */
export const containerPath = (place: 'ca' | 'cb'): { readonly path: Path; readonly router: RouterNode } => {
  const router = { netns: 'host', link: 'h3-h4', iif: 'br0', oif: null, nextHop: null };
  return {
    router,
    path: {
      hops: [
        hop('h0', 'socket', 'target', null),
        hop('h1', 'container', 'target', 'eth0'),
        hop('h2', 'veth-host', 'host', PORTS[place]),
        hop('h3', 'bridge', 'host', 'br0'),
        hop('h4', 'outside', 'host', null),
      ],
      links: [
        { id: 'h2-h3', from: 'h2', to: 'h3', stages: ['bridge-forward'] },
        { id: 'h3-h4', from: 'h3', to: 'h4', stages: ['prerouting'] },
      ],
      routers: [router],
      notes: [],
    },
  };
};

const containerState = (place: 'ca' | 'cb'): NetnsState => ({
  ...netnsState({}),
  links: {
    ok: true,
    value: [
      {
        ifindex: 2,
        ifname: 'eth0',
        flags: ['UP', 'LOWER_UP'],
        mtu: 1500,
        operstate: 'UP',
        address: MACS[place],
        peerIndex: null,
        lower: null,
        linkNetnsid: null,
        master: null,
        kind: 'veth',
        masterKind: null,
        data: {},
        slaveData: {},
        xdp: null,
        promiscuity: 0,
        altnames: [],
        stats: null,
      },
    ],
    command: [],
    ms: 0,
  },
});

const CONTAINERS = { ca: containerState('ca'), cb: containerState('cb') } as const;

/** The host and a container whose own rules are none. */
export const statesOf = (host: NetnsState, place: 'ca' | 'cb'): Readonly<Record<string, NetnsState>> => ({
  host,
  target: CONTAINERS[place],
});
