import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { NetnsState } from '../../../src/model/state.js';
import { loadNetfilter } from '../../../src/netfilter/load.js';
import type { HookPacket, HookWalk, RuleRef } from '../../../src/netfilter/types.js';
import type { WalkStep } from '../../../src/routing/flow-walk-types.js';
import { walkBridged } from '../../../src/routing/walk-bridged.js';
import { walkReceived } from '../../../src/routing/walk-packet.js';
import { networkState } from '../../conformance/compare.js';
import { netnsState, textbookPacket } from '../netfilter/helpers/state.js';

interface Sent {
  readonly device: string;
  readonly proto: 'tcp' | 'udp' | 'icmp' | 'icmpv6';
  readonly src: string;
  readonly dst: string;
  readonly sport: number;
  readonly dport: number | null;
  readonly smac: string;
  readonly verdict: 'forwarded' | 'delivered' | 'dropped';
  readonly out: {
    readonly device: string;
    readonly source: string;
    readonly destination: string;
    readonly port: number | null;
  } | null;
  /** Rules of iptables that counted it, as `FAMILY TABLE CHAIN NUMBER`. */
  readonly hits: readonly string[];
}

interface Observed {
  readonly ruleset: string;
  readonly backend: 'nft' | 'legacy';
  readonly bridged: boolean;
  readonly world: Readonly<Record<string, string>>;
  readonly packets: readonly Sent[];
}

const RULESETS = new URL('../../../fixtures/rulesets/', import.meta.url);
const observations: readonly Observed[] = gunzipSync(readFileSync(new URL('packets/observed.jsonl.gz', RULESETS)))
  .toString()
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));

const textOf = (name: string): string => {
  const file = new URL(name, RULESETS);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

const stateOf = ({ ruleset, backend, world }: Observed): NetnsState => ({
  ...netnsState(
    backend === 'legacy'
      ? { iptablesLegacy: textOf(`${ruleset}.legacy.save`), ip6tablesLegacy: textOf(`${ruleset}.legacy6.save`) }
      : {
          nftables: textOf(`${ruleset}.json`),
          iptablesNft: textOf(`${ruleset}.nft.save`),
          ip6tablesNft: textOf(`${ruleset}.nft6.save`),
        },
  ),
  ...networkState((name) => world[name] ?? ''),
});

const LENGTHS = { tcp: 40, udp: 32, icmp: 36, icmpv6: 36 };

const hookPacket = ({ device, proto, src, dst, sport, dport, smac }: Sent): HookPacket => {
  const family = src.includes(':') ? 6 : 4;
  return {
    ...textbookPacket,
    family,
    protocol: proto === 'icmpv6' ? 'icmp' : proto,
    source: src,
    destination: dst,
    sourcePort: dport === null ? null : sport,
    destinationPort: dport,
    icmp: dport === null ? { type: family === 4 ? 8 : 128, code: 0 } : null,
    tcpFlags: proto === 'tcp' ? ['SYN'] : [],
    iif: device,
    oif: null,
    length: LENGTHS[proto] + (family === 6 ? 20 : 0),
    ttl: 64,
    macSource: smac,
  };
};

interface Predicted {
  readonly verdict: Sent['verdict'] | 'undecided';
  readonly packet: HookPacket;
  readonly walks: readonly HookWalk[];
  readonly because: string;
}

const label = ({ family, table, chain, index }: RuleRef): string => `${family} ${table} ${chain} ${index}`;

const PLACE = { way: 'forward', link: '', netns: 'host' } as const;

/** From the port that the frame comes in by to the only other port of its bridge. */
const acrossBridge = (state: NetnsState, { device }: Sent, packet: HookPacket) => {
  const links = state.links.ok ? state.links.value : [];
  const master = links.find(({ ifname }) => ifname === device)?.master ?? '';
  const other = links.find((link) => link.master === master && link.ifname !== device)?.ifname ?? '';
  const hop = (ifname: string) => ({ id: ifname, netns: 'host', ifname, role: 'veth-host', mtu: 1500 });
  const path = {
    hops: [hop(device), hop(other)],
    links: [{ id: 'across', from: device, to: other, stages: ['bridge-forward'] }],
    routers: [],
  };
  const input = { path, states: { host: state } } as unknown as Parameters<typeof walkBridged>[0];
  const walk = walkBridged(input, packet, 'forward', null);
  return { ...walk, end: 'sent' as const };
};

const predict = (state: NetnsState, observed: Observed, sent: Sent): Predicted => {
  const made = hookPacket(sent);
  const { steps, packet, end } = observed.bridged
    ? acrossBridge(state, sent, { ...made, iif: null })
    : walkReceived({ place: PLACE, state, packet: made, connection: null });
  const stopped = steps.findIndex(
    ({ outcome, detail }) => outcome !== 'pass' || (detail.kind === 'hook' && detail.walk.unknowns.length > 0),
  );
  const taken: readonly WalkStep[] = stopped === -1 ? steps : steps.slice(0, stopped + 1);
  const walks = taken.flatMap(({ detail }) => (detail.kind === 'hook' ? [detail.walk] : []));
  const unknown = walks.flatMap(({ unknowns }) => unknowns)[0]?.because;
  const stop = steps[stopped];
  /** What lies behind a sure drop may be unknown. */
  const isOpen = stop?.outcome === 'unknown' || (stop?.outcome === 'pass' && unknown !== undefined);
  return {
    verdict: isOpen ? 'undecided' : stop ? 'dropped' : end === 'delivered' ? 'delivered' : 'forwarded',
    packet,
    walks,
    because: (isOpen ? unknown : undefined) ?? walks.at(-1)?.decidedBy?.text ?? stop?.detail.kind ?? '',
  };
};

/** What no dump tells. */
const OPEN = /rate limit|random|recent addresses/;

/** Whether more rules may have counted than surely met it: by the host's own answer, or by what hangs on chance. */
const mayMeetMore = (sent: Sent, { verdict, walks }: Predicted): boolean =>
  verdict === 'undecided' || sent.verdict === 'delivered' || walks.some((walk) => walk.verdict === 'reject');

/** Rules of iptables with a match that no dump foretells, so that whether they count cannot be said either. */
const unforeseeable = (state: NetnsState): ReadonlySet<string> =>
  new Set(
    [...loadNetfilter(state).chains.values()]
      .flatMap(({ rules }) => rules.map(({ ref }) => ref))
      .filter(({ text }) => /-m (limit|recent|statistic)/.test(text))
      .map(label),
  );

const wrongRules = (state: NetnsState, sent: Sent, predicted: Predicted): readonly string[] => {
  const met = predicted.walks
    .flatMap((walk) => [...walk.met, ...(walk.counted ?? [])])
    .filter(({ backend, index }) => backend !== 'nftables' && index !== null)
    .map(label);
  const open = unforeseeable(state);
  const own = sent.hits.filter((hit) => hit.startsWith(sent.src.includes(':') ? 'ip6 ' : 'ip '));
  const missing = met.filter((rule) => !own.includes(rule));
  const more = mayMeetMore(sent, predicted) ? [] : own.filter((rule) => !met.includes(rule) && !open.has(rule));
  return [...missing.map((rule) => `not counted: ${rule}`), ...more.map((rule) => `counted: ${rule}`)];
};

const differences = (state: NetnsState, sent: Sent, predicted: Predicted): readonly string[] => {
  const { verdict, packet, because } = predicted;
  if (verdict === 'undecided')
    return OPEN.test(because) ? wrongRules(state, sent, predicted) : [`undecided: ${because}`];
  if (verdict !== sent.verdict) return [`${verdict} (${because}) instead of ${sent.verdict}`];
  const { out } = sent;
  if (out === null) return wrongRules(state, sent, predicted);
  return [
    ...wrongRules(state, sent, predicted),
    ...(packet.oif === out.device ? [] : [`by ${packet.oif} instead of ${out.device}`]),
    ...(packet.source === out.source ? [] : [`from ${packet.source} instead of ${out.source}`]),
    ...(packet.destination === out.destination ? [] : [`to ${packet.destination} instead of ${out.destination}`]),
    ...(packet.destinationPort === out.port ? [] : [`to port ${packet.destinationPort} instead of ${out.port}`]),
  ];
};

const FOLDERS = ['managers', 'composed', 'debian'];
const rulesets = FOLDERS.filter((folder) => existsSync(new URL(folder, RULESETS))).flatMap((folder) =>
  readdirSync(new URL(folder, RULESETS)).flatMap((name) =>
    name.endsWith('.json') ? `${folder}/${name.replace('.json', '')}` : [],
  ),
);

describe('packets that a kernel judged by the rulesets of programs', () => {
  it('are there for every ruleset', () => {
    expect([...new Set(observations.map(({ ruleset }) => ruleset))].sort()).toEqual([...rulesets].sort());
  });

  it('are left open only where chance decides', () => {
    const open = observations.flatMap((observed) => {
      const state = stateOf(observed);
      return observed.packets
        .filter((sent) => predict(state, observed, sent).verdict === 'undecided')
        .map((sent) => `${observed.ruleset} ${observed.backend} ${sent.dst}`);
    });
    expect(open.sort()).toEqual([
      'composed/kube-proxy legacy 10.96.0.20',
      'composed/kube-proxy nft 10.96.0.20',
      'composed/kube-proxy-nft nft 10.96.0.20',
      'composed/kube-proxy-nft nft 203.0.113.9',
      'composed/kube-proxy-nft-affinity nft 10.96.0.40',
    ]);
  });

  it.each(observations)(
    '$ruleset, $backend: the walk says of each what became of it, by the same rules',
    (observed) => {
      const state = stateOf(observed);
      const predictions = observed.packets.map((sent) => predict(state, observed, sent));
      const wrong = observed.packets.flatMap((sent, index) => {
        const predicted = predictions[index];
        const problems = predicted ? differences(state, sent, predicted) : ['not walked'];
        return problems.map(
          (problem) => `${sent.device} ${sent.proto} ${sent.src} ${sent.dst} ${sent.dport}: ${problem}`,
        );
      });
      expect(wrong).toEqual([]);
      expect(predictions.some(({ verdict }) => verdict !== 'undecided')).toBe(true);
    },
  );
});
