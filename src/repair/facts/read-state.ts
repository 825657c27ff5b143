import { CommandBatch } from '../../host/command-batch.js';
import { inNetns } from '../../host/in-netns.js';
import { EXIT, KnownError } from '../../model/errors.js';
import type { NetnsRef } from '../../model/netns.js';
import type { Facet, Facts } from '../../model/repair.js';
import { type Fact, factsOf, type State } from './facts.js';
import { addressFacts, fdbFacts, linkFacts, neighbourFacts, routeFacts, ruleFacts, vlanFacts } from './from-ip.js';
import { frameFacts, iptablesFacts, legacyTableFacts, nftFacts, sysctlFacts } from './from-kernel.js';
import { ufwFacts, zoneFacts } from './from-managers.js';
import { QDISCS, qdiscFacts, TC_FILTERS, tcFilterFacts } from './from-tc.js';
import { XFRM_POLICIES, xfrmFacts } from './from-xfrm.js';

const LINK: readonly Facet[] = ['link', 'up', 'arp', 'master', 'mtu', 'kind-option', 'mac', 'port'];
const FIREWALL: readonly Facet[] = ['nft-table', 'nft-chain', 'firewall-rule'];
const TIMEOUT_MS = 30_000;

interface Reading {
  /** The facets that it tells of. */
  readonly facets: readonly Facet[];
  readonly argv: readonly string[];
  readonly facts: (output: string) => readonly Fact[];
  /** Without it nothing can be put back. */
  readonly needed: boolean;
  /** A daemon or file of the host, which its other namespaces would see as well. */
  readonly ofHost?: true;
}

const reading = (
  facets: readonly Facet[],
  argv: readonly string[],
  facts: Reading['facts'],
  needed = false,
): Reading => ({
  facets,
  argv,
  facts,
  needed,
});

/** Listing the rules of the legacy back-end would load its module where it is not loaded: the kernel's list of its tables is asked first. */
const legacy = (tool: 'iptables' | 'ip6tables'): Reading => {
  const names = `/proc/thread-self/net/${tool === 'iptables' ? 'ip' : 'ip6'}_tables_names`;
  return reading(
    ['firewall-rule'],
    ['sh', '-c', `[ -z "$(cat ${names} 2>/dev/null)" ] || exec ${tool}-legacy-save`],
    (output) => iptablesFacts(output, `${tool}-legacy`),
  );
};

/** What of the legacy back-end is loaded, without loading more of it. */
const LEGACY_TABLES = ['iptables', 'ip6tables']
  .map((tool) => `sed "s/^/${tool} /" /proc/thread-self/net/${tool.replace('tables', '_tables')}_names 2>/dev/null`)
  .join('; ');

const READINGS: readonly Reading[] = [
  reading(['sysctl'], ['sysctl', '-a', '-r', '^net\\.'], sysctlFacts, true),
  reading(LINK, ['ip', '-j', '-d', 'link', 'show'], linkFacts, true),
  reading(['address'], ['ip', '-j', '-d', 'addr', 'show'], addressFacts, true),
  reading(['route'], ['ip', '-o', '-4', 'route', 'show', 'table', 'all'], (output) => routeFacts(output, 4), true),
  reading(['route'], ['ip', '-o', '-6', 'route', 'show', 'table', 'all'], (output) => routeFacts(output, 6)),
  reading(['rule'], ['ip', '-4', 'rule', 'show'], (output) => ruleFacts(output, 4), true),
  reading(['rule'], ['ip', '-6', 'rule', 'show'], (output) => ruleFacts(output, 6)),
  reading(['neighbour'], ['ip', '-j', 'neigh', 'show', 'nud', 'permanent'], neighbourFacts),
  reading(['fdb'], ['bridge', 'fdb', 'show'], fdbFacts),
  reading(['vlan'], ['bridge', '-j', 'vlan', 'show'], vlanFacts),
  reading(['qdisc'], ['sh', '-c', QDISCS], qdiscFacts),
  reading(['xfrm-policy'], ['sh', '-c', XFRM_POLICIES], xfrmFacts),
  reading(['tc-filter'], ['sh', '-c', TC_FILTERS], tcFilterFacts),
  reading(FIREWALL, ['nft', '-s', '-a', 'list', 'ruleset'], nftFacts),
  reading(['firewall-rule'], ['iptables-nft-save'], (output) => iptablesFacts(output, 'iptables-nft')),
  reading(['firewall-rule'], ['ip6tables-nft-save'], (output) => iptablesFacts(output, 'ip6tables-nft')),
  reading(['frame-rules'], ['ebtables-nft-save'], (output) => frameFacts(output, 'ebtables-nft')),
  reading(['frame-rules'], ['arptables-nft-save'], (output) => frameFacts(output, 'arptables-nft')),
  reading(['legacy-table'], ['sh', '-c', `${LEGACY_TABLES}; true`], legacyTableFacts),
  legacy('iptables'),
  legacy('ip6tables'),
  {
    ...reading(
      ['zone'],
      ['sh', '-c', 'pgrep -x firewalld >/dev/null && exec firewall-cmd --get-active-zones'],
      zoneFacts,
    ),
    ofHost: true,
  },
  {
    ...reading(['ufw-route'], ['sh', '-c', 'grep -qs ^ENABLED=yes /etc/ufw/ufw.conf && exec ufw show added'], ufwFacts),
    ofHost: true,
  },
];

const readFacts = async (netns: NetnsRef, readings: readonly Reading[], batch: CommandBatch): Promise<Facts> => {
  const facts = await Promise.all(
    readings
      .filter(({ ofHost }) => !ofHost || netns.id === 'host')
      .map(async ({ argv, facts: parse, needed }) => {
        const result = await batch.run(inNetns(netns, argv), { timeoutMs: TIMEOUT_MS });
        const unread = result.failure !== null && (result.failure !== 'exit' || (needed && result.stdout === ''));
        if (unread && (needed || result.failure !== 'missing-tool'))
          throw new KnownError(
            `cannot read the state of ${netns.name}: ${argv.join(' ')}: ${result.stderr.trim() || result.failure}`,
            { exitCode: result.failure === 'missing-tool' ? EXIT.missingProgram : EXIT.bug },
          );
        return parse(result.stdout);
      }),
  );
  return factsOf(facts.flat());
};

/**
 * All settings of the namespaces that a repair can change or have changed by the kernel.
 * @throws KnownError when links, addresses, routes or rules cannot be read
 */
export const readState = async (netns: readonly NetnsRef[]): Promise<State> => {
  const batch = new CommandBatch(2);
  const facts = await Promise.all(
    netns.map(async (place) => [place.id, await readFacts(place, READINGS, batch)] as const),
  ).finally(() => batch.close());
  return new Map(facts);
};

/**
 * Settings again, of these facets alone: reading all of them takes seconds on a host with many rules. The rest is taken
 * from the state before.
 * @throws KnownError as `readState`
 */
export const readAgain = async (
  before: State,
  netns: readonly NetnsRef[],
  facets: readonly Facet[],
): Promise<State> => {
  const readings = READINGS.filter((one) => one.facets.some((facet) => facets.includes(facet)));
  const read = new Set(readings.flatMap((one) => one.facets));
  const batch = new CommandBatch(2);
  const facts = await Promise.all(
    netns.map(async (place) => {
      const old = [...(before.get(place.id) ?? [])].filter(([fact]) => !read.has(fact.split(' ')[0] as Facet));
      return [place.id, new Map([...old, ...(await readFacts(place, readings, batch))])] as const;
    }),
  ).finally(() => batch.close());
  return new Map(facts);
};
