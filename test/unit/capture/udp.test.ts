import { expect, test } from 'vitest';
import { decode } from '../../../src/capture/decode.js';
import { toSightings } from '../../../src/capture/sightings.js';
import { datagramNumber, udpRequestsOf } from '../../../src/capture/udp.js';
import type { Flow } from '../../../src/model/flow.js';
import type { Packet, UdpHeader } from '../../../src/model/packet.js';
import { FLOW } from '../helpers/textbook-path.js';

const TOKEN = 'deadbeef';
const UDP_FLOW: Flow = { ...FLOW, protocol: 'udp', port: 53 };
const CONTAINER = ['192.168.0.2', 40001] as const;
const UPLINK = ['198.51.100.10', 61000] as const;
const SERVER = ['203.0.113.5', 53] as const;
const MOVED = ['198.51.100.7', 5353] as const;
type End = readonly [address: string, port: number];

const datagram = (at: number, from: End, to: End, probe?: number): Packet => {
  const udp: UdpHeader = { sourcePort: from[1], destinationPort: to[1], length: 64 };
  return {
    at,
    macSource: null,
    macDestination: null,
    vlan: null,
    length: 98,
    truncated: false,
    arp: null,
    ip: {
      family: 4,
      source: from[0],
      destination: to[0],
      protocol: 17,
      ttl: 64,
      id: null,
      dontFragment: true,
      fragmentOffset: 0,
      moreFragments: false,
    },
    icmp: null,
    tcp: null,
    udp: probe === undefined ? udp : { ...udp, probe },
  };
};

/** An ICMP port unreachable at the uplink that quotes a datagram of ours, or its first 8 bytes alone. */
const unreachable = (from: End, to: End, udpProbe?: number): Packet => ({
  ...datagram(9, SERVER, UPLINK),
  udp: null,
  icmp: {
    type: 3,
    code: 3,
    id: null,
    sequence: null,
    token: null,
    nextHopMtu: null,
    quoted: {
      source: from[0],
      destination: to[0],
      protocol: 17,
      sourcePort: from[1],
      destinationPort: to[1],
      icmpId: null,
      icmpSequence: null,
      token: null,
      ...(udpProbe === undefined ? {} : { udpProbe }),
    },
  },
});

const seen = (packets: Readonly<Record<string, readonly Packet[]>>): Record<string, string[]> => {
  const byHop = new Map(Object.entries(packets));
  const requests = udpRequestsOf(UDP_FLOW, byHop);
  const facts = { token: TOKEN, bySequence: new Map(), requests, own: [] };
  return Object.fromEntries(
    [...byHop].map(([hop, list]) => [
      hop,
      toSightings(hop, list, UDP_FLOW, facts).map(({ kind, way, probe }) => `${kind} ${way} ${probe ?? '-'}`),
    ]),
  );
};

const there = ['request forward 1', 'reply return 1'];

test('an echoed token is a request one way and a reply the other, before and behind NAT of either end', () => {
  const inside = [datagram(1, CONTAINER, SERVER, 1), datagram(8, SERVER, CONTAINER, 1)];
  const outside = [datagram(2, UPLINK, MOVED, 1), datagram(7, MOVED, UPLINK, 1)];
  expect(seen({ h1: inside, h4: outside })).toEqual({ h1: there, h4: there });
});

test('an answer of any content is found by the ends of its request; other datagrams are left alone', () => {
  const inside = [datagram(1, CONTAINER, SERVER, 1), datagram(8, SERVER, CONTAINER)];
  const outside = [datagram(2, UPLINK, SERVER, 1), datagram(7, SERVER, UPLINK)];
  const strangers = [datagram(3, ['192.168.0.2', 40002], SERVER), datagram(4, SERVER, ['192.168.0.2', 40002])];
  expect(seen({ h1: [...inside, ...strangers], h4: outside })).toEqual({ h1: there, h4: there });
});

test('an answer from another port of the server is a reply, also where it repeats the token; one to another port is not', () => {
  const other = ['203.0.113.5', 40026] as const;
  const outside = [datagram(2, UPLINK, SERVER, 1), datagram(7, other, UPLINK)];
  expect(seen({ h4: outside })).toEqual({ h4: there });
  expect(seen({ h4: [datagram(2, UPLINK, SERVER, 1), datagram(7, other, UPLINK, 1)] })).toEqual({ h4: there });
  expect(seen({ h4: [datagram(2, UPLINK, SERVER, 1), datagram(7, other, ['198.51.100.10', 61001])] })).toEqual({
    h4: ['request forward 1'],
  });
});

test('a reply where its request was not seen is one still', () => {
  expect(seen({ h6: [datagram(7, SERVER, UPLINK, 2)] })).toEqual({ h6: ['reply return 2'] });
});

test('an error belongs to the probe that it quotes, also where it quotes no payload', () => {
  const request = datagram(2, UPLINK, SERVER, 3);
  expect(seen({ h4: [request, unreachable(UPLINK, SERVER, 3)] })).toEqual({
    h4: ['request forward 3', 'icmp-error return 3'],
  });
  expect(seen({ h4: [request, unreachable(UPLINK, SERVER)] })).toEqual({
    h4: ['request forward 3', 'icmp-error return 3'],
  });
  expect(seen({ h4: [request, unreachable(['198.51.100.10', 5], SERVER)] }), "another's").toEqual({
    h4: ['request forward 3'],
  });
});

test("the number stands behind the run's own token alone", () => {
  const payload = Buffer.from('deadbeef0007deadbeef', 'hex');
  expect(datagramNumber(payload, 0, payload.length, { token: TOKEN })).toBe(7);
  expect(datagramNumber(payload, 0, payload.length, { token: 'cafecafe' })).toBeNull();
  expect(datagramNumber(payload, 0, 5, { token: TOKEN })).toBeNull();
});

const IPV4_UDP = '450000260000400040110000c0a80002cb007105';

test('a frame is decoded with its number, and an error with that of the datagram it quotes', () => {
  const ours = `${IPV4_UDP}9c41003500120000deadbeef0002dead`;
  const context = { startedNs: 0n, token: TOKEN };
  const frame = (hex: string) => {
    const bytes = Buffer.from(hex, 'hex');
    return { epochNs: 0n, length: bytes.length, bytes };
  };
  expect(decode(frame(ours), 101, context).udp).toEqual({
    sourcePort: 40001,
    destinationPort: 53,
    length: 18,
    probe: 2,
  });
  expect(decode(frame(ours), 101, { ...context, token: 'cafecafe' }).udp).not.toHaveProperty('probe');
  const error = `450000420000400040010000cb007105c0a800020303000000000000${ours}`;
  expect(decode(frame(error), 101, context).icmp?.quoted).toMatchObject({ sourcePort: 40001, udpProbe: 2 });
});
