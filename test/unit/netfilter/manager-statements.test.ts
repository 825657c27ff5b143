import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Protocol } from '../../../src/model/flow.js';
import { ipsetContains } from '../../../src/netfilter/ipset.js';
import { loadNetfilter } from '../../../src/netfilter/load.js';
import type { NetfilterState } from '../../../src/netfilter/state.js';
import type { Hook, HookContext, HookPacket } from '../../../src/netfilter/types.js';
import { walkHook } from '../../../src/netfilter/walk-hook.js';
import { parseIpsetSave } from '../../../src/parse/ipset-save.js';
import { type Seeded, seeded } from '../../helpers/seeded.js';
import { netnsState, textbookContext, textbookPacket } from './helpers/state.js';

const RULESETS = new URL('../../../fixtures/rulesets/', import.meta.url);
const textOf = (name: string): string => {
  const file = new URL(name, RULESETS);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

const names = ['managers', 'composed', 'debian'].flatMap((folder) =>
  readdirSync(new URL(folder, RULESETS)).flatMap((name) =>
    name.endsWith('.json') ? `${folder}/${name.replace('.json', '')}` : [],
  ),
);
const cases = names.flatMap((name) => [
  {
    name,
    backend: 'nft',
    dumps: {
      nftables: textOf(`${name}.json`),
      iptablesNft: textOf(`${name}.nft.save`),
      ip6tablesNft: textOf(`${name}.nft6.save`),
    },
  },
  {
    name,
    backend: 'legacy',
    dumps: { iptablesLegacy: textOf(`${name}.legacy.save`), ip6tablesLegacy: textOf(`${name}.legacy6.save`) },
  },
]);
const states = cases
  .map((one) => ({ ...one, state: loadNetfilter(netnsState(one.dumps)) }))
  .filter(({ state }) => state.chains.size > 0);

/** What the rules themselves are about: their devices, addresses and ports. */
const wordsOf = (state: NetfilterState) => {
  const rules = [...state.chains.values()].flatMap((chain) => chain.rules.map(({ ref }) => ref.text)).join('\n');
  const all = (pattern: RegExp): readonly string[] => [
    ...new Set([...rules.matchAll(pattern)].flatMap(([, word]) => word ?? [])),
  ];
  return {
    devices: all(/(?:-i|-o|iifname|oifname|iif|oif|physdev-in|physdev-out) "?([a-zA-Z][\w.+-]*)/g).map((name) =>
      name.replace(/\+$/, '9'),
    ),
    four: all(/(\d+\.\d+\.\d+\.\d+)/g),
    six: all(/\b([0-9a-f]{2,4}:[0-9a-f:]*::[0-9a-f:]*)/g),
    ports: all(/(?:dports?|sport|dport) (\d+)/g).map(Number),
  };
};

const packetOf = (random: Seeded, words: ReturnType<typeof wordsOf>): HookPacket => {
  const isSix = random.chance(0.25);
  const address = () =>
    isSix ? random.pick(['2001:db8::5', ...words.six]) : random.pick(['203.0.113.5', ...words.four]);
  const device = () => random.pick(['eth0', ...words.devices]);
  const protocol = random.pick<Protocol>(['tcp', 'udp', 'icmp']);
  const isIcmp = protocol === 'icmp';
  return {
    ...textbookPacket,
    family: isSix ? 6 : 4,
    protocol,
    source: address(),
    destination: address(),
    sourcePort: isIcmp ? null : 40000,
    destinationPort: isIcmp ? null : random.pick([80, ...words.ports]),
    icmp: isIcmp ? { type: isSix ? 128 : 8, code: 0 } : null,
    tcpFlags: protocol === 'tcp' ? ['SYN'] : [],
    iif: device(),
    oif: device(),
    physIn: random.chance(0.3) ? device() : null,
    physOut: random.chance(0.3) ? device() : null,
    connection: random.pick(['new', 'established', 'related', 'invalid']),
    macSource: random.pick(['fa:16:3e:00:00:05', '02:00:00:00:00:01']),
    mark: random.pick([0, 0x4000, 0x10000, 0x20000, 0x40000, 0x4000000]),
  };
};

const contextOf = (name: string): HookContext => {
  const sets = new Map(parseIpsetSave(textOf(`${name}.ipset`)).map((set) => [set.name, set]));
  return {
    ...textbookContext,
    ipsetContains: (set, packet, directions) => ipsetContains(sets, set, packet, directions),
    reversePathOk: () => true,
  };
};

/** What no dump tells. */
const OPEN = /random or counts|list of recent addresses/;
const WALKS = 120;

describe('packets about which the rulesets of programs have something to say', () => {
  it.each(states)('$name, $backend: no statement that they meet is beyond the walk', ({ name, state }) => {
    const [random, words, context] = [seeded(20261130), wordsOf(state), contextOf(name)];
    const reasons = new Set<string>();
    let met = 0;
    for (let count = 0; count < WALKS; count += 1) {
      const hook = random.pick<Hook>(['prerouting', 'input', 'forward', 'output', 'postrouting']);
      const packet = packetOf(random, words);
      const placed = {
        ...packet,
        iif: hook === 'output' ? null : packet.iif,
        oif: hook === 'prerouting' || hook === 'input' ? null : packet.oif,
      };
      const walk = walkHook(state, hook, placed, context);
      met += walk.met.length;
      for (const { because, rule } of walk.unknowns) if (!OPEN.test(because)) reasons.add(`${because}: ${rule?.text}`);
    }
    expect([...reasons]).toEqual([]);
    expect(met).toBeGreaterThan(0);
  });
});
