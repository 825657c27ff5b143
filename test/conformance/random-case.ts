import type { Seeded } from '../helpers/seeded.js';
import { randomEbtables, randomFrames } from './random-frames.js';
import { randomIptables } from './random-iptables.js';
import { randomNetwork } from './random-network.js';
import { randomNativeRules, randomNft } from './random-nft.js';
import { toSix } from './to-six.js';

export interface TestPacket {
  readonly sender: 'inside' | 'ca' | 'host';
  readonly family: 4 | 6;
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  readonly source: string;
  /** Port, or identifier of an echo request: no two packets of a run share one. */
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  /** A TCP segment with SYN and ACK that answers nothing. */
  readonly isUnasked?: true;
}

/** Settings, routes and rulesets of one world, and the packets that are sent into it. */
export interface TestCase {
  readonly family: 4 | 6;
  readonly backend: 'legacy' | 'nft' | 'nftables' | 'mixed' | 'none';
  /** `null`: as in the case before. */
  readonly network: ReturnType<typeof randomNetwork> | null;
  readonly rulesets: Readonly<Record<string, string>>;
  readonly packets: readonly TestPacket[];
}

const PACKETS = 4;
const CASES_PER_NETWORK = 4;

const SOURCES = {
  inside: ['192.168.0.2', '192.168.0.2', '192.168.0.77', '10.9.0.5'],
  ca: ['192.168.1.2'],
  host: ['198.51.100.10', '192.168.0.1', '198.51.101.10'],
} as const;

const DESTINATIONS = [
  '203.0.113.5',
  '203.0.113.5',
  '203.0.113.9',
  '198.51.100.20',
  '198.51.101.1',
  '192.168.1.2',
  '192.168.1.3',
] as const;
const OWN = ['192.168.0.1', '198.51.100.10', '192.168.1.1'] as const;

const randomPacket = (random: Seeded, family: 4 | 6, number: number): TestPacket => {
  const sender = random.pick(['inside', 'inside', 'inside', 'ca', 'ca', 'host'] as const);
  const toHost = sender !== 'host' && random.chance(0.15);
  const toBridge = sender === 'ca' && random.chance(0.4);
  const destination = toHost ? random.pick(OWN) : toBridge ? '192.168.1.3' : random.pick(DESTINATIONS);
  if (sender === 'ca' && destination === '192.168.1.2') return randomPacket(random, family, number);
  const source = random.pick(SOURCES[sender] as readonly [string, ...string[]]);
  return {
    sender,
    family,
    protocol: random.pick(['tcp', 'udp', 'icmp'] as const),
    source: family === 6 ? toSix(source === '10.9.0.5' ? '192.168.0.77' : source) : source,
    sourcePort: 10_000 + (number % 20_000),
    destination: family === 6 ? toSix(destination) : destination,
    destinationPort: random.pick([53, 80, 443, 8080]),
  };
};

const rulesetsOf = (random: Seeded, backend: TestCase['backend'], family: 4 | 6): Record<string, string> => {
  const iptables = () => (family === 6 ? toSix(randomIptables(random)) : randomIptables(random));
  const nft = () => (family === 6 ? toSix(randomNft(random)) : randomNft(random));
  const six = family === 6 ? '6' : '';
  return {
    ...(backend === 'legacy' || backend === 'mixed' ? { [`legacy${six}`]: iptables() } : {}),
    ...(backend === 'nft' ? { [`nft${six}`]: iptables() } : {}),
    ...(backend === 'nft' && family === 4 && random.chance(0.3) ? { native: randomNativeRules(random) } : {}),
    ...(backend === 'nftables' || backend === 'mixed' ? { nftables: nft() } : {}),
    ...(random.chance(0.4) ? { frames: randomFrames(random, family) } : {}),
    ...(random.chance(0.25) ? { ebtables: randomEbtables(random, family) } : {}),
  };
};

/** The case of a seed's stream; `number` counts the cases from 0. */
export const randomCase = (random: Seeded, number: number): TestCase => {
  const backend = random.pick(['legacy', 'nft', 'nftables', 'nftables', 'mixed', 'none'] as const);
  const family = random.chance(0.25) ? 6 : 4;
  const network = number % CASES_PER_NETWORK === 0 ? randomNetwork(random) : null;
  const rulesets = rulesetsOf(random, backend, family);
  const packets = Array.from({ length: PACKETS }, (_, index) => randomPacket(random, family, number * PACKETS + index));
  return { family, backend, network, rulesets, packets };
};
