import type { Family } from '../model/flow.js';

type Words = Readonly<Record<number, string>>;

/** RFC 792, RFC 1812 §5.2.7, RFC 1191. */
const UNREACHABLE: Words = {
  0: 'network unreachable',
  1: 'host unreachable',
  2: 'protocol unreachable',
  3: 'port unreachable',
  4: 'fragmentation needed and DF set',
  5: 'source route failed',
  6: 'destination network unknown',
  7: 'destination host unknown',
  8: 'source host isolated',
  9: 'network administratively prohibited',
  10: 'host administratively prohibited',
  11: 'network unreachable for type of service',
  12: 'host unreachable for type of service',
  13: 'communication administratively prohibited',
  14: 'host precedence violation',
  15: 'precedence cutoff in effect',
};

const CODES: Readonly<Record<Family, Readonly<Record<number, Words>>>> = {
  4: {
    3: UNREACHABLE,
    5: {
      0: 'redirect for the network',
      1: 'redirect for the host',
      2: 'redirect for the type of service and network',
      3: 'redirect for the type of service and host',
    },
    11: { 0: 'time to live exceeded in transit', 1: 'fragment reassembly time exceeded' },
    12: {
      0: 'parameter problem: bad header',
      1: 'parameter problem: missing option',
      2: 'parameter problem: bad length',
    },
  },
  // RFC 4443 §3.
  6: {
    1: {
      0: 'no route to destination',
      1: 'communication administratively prohibited',
      2: 'beyond scope of source address',
      3: 'address unreachable',
      4: 'port unreachable',
      5: 'source address failed ingress/egress policy',
      6: 'reject route to destination',
    },
    2: { 0: 'packet too big' },
    3: { 0: 'hop limit exceeded in transit', 1: 'fragment reassembly time exceeded' },
    4: {
      0: 'parameter problem: erroneous header field',
      1: 'parameter problem: unrecognized next header',
      2: 'parameter problem: unrecognized option',
    },
  },
};

const TYPES: Readonly<Record<Family, Words>> = {
  4: {
    0: 'echo reply',
    3: 'destination unreachable',
    4: 'source quench',
    5: 'redirect',
    8: 'echo request',
    11: 'time exceeded',
    12: 'parameter problem',
  },
  6: {
    1: 'destination unreachable',
    2: 'packet too big',
    3: 'time exceeded',
    4: 'parameter problem',
    128: 'echo request',
    129: 'echo reply',
    135: 'neighbour solicitation',
    136: 'neighbour advertisement',
    137: 'redirect',
  },
};

/** An ICMP or ICMPv6 message in words; unknown numbers are given as they are. */
export const icmpWords = (family: Family, type: number, code: number): string => {
  const byCode = CODES[family][type]?.[code];
  if (byCode !== undefined) return byCode;
  const byType = TYPES[family][type];
  return byType === undefined ? `type ${type} code ${code}` : code === 0 ? byType : `${byType}, code ${code}`;
};
