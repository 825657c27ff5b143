import type { NetnsState } from '../../src/model/state.js';
import type { HookPacket } from '../../src/netfilter/types.js';
import type { WalkInput } from '../../src/routing/flow-walk-types.js';
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
export const bridgedPath = (state: NetnsState, packet: TestPacket): Pick<WalkInput, 'path' | 'states' | 'flow'> => {
  const hop = (
    id: string,
    role: 'container' | 'veth-host' | 'bridge-port' | 'peer',
    netns: string,
    ifname: string,
  ) => ({
    id,
    role,
    netns,
    ifname,
    ifindex: null,
    captured: false,
  });
  return {
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
        hop('h0', 'container', 'target', 'eth0'),
        hop('h1', 'veth-host', 'host', 'pa'),
        hop('h2', 'bridge-port', 'host', 'pb'),
        hop('h3', 'peer', 'ns1', 'eth0'),
      ],
      links: [{ id: 'h1-h2', from: 'h1', to: 'h2', stages: ['bridge-forward'] }],
      routers: [],
      notes: [],
    },
    states: { host: state },
  };
};
