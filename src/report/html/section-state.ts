import type { Artifact } from '../../model/artifact.js';
import type { Run } from '../../model/run.js';
import type { NetnsState } from '../../model/state.js';
import { netnsTitle, plural } from '../facts.js';
import { flowSysctls } from '../flow-sysctls.js';
import { summariseIptables, summariseNft } from '../rules-summary.js';
import { type Child, el, fragment, type Markup } from './element.js';
import { code, fold, output, section, table } from './parts.js';

/** Rule dumps above this are summarised: the page stays small, and the whole is in the bundle. */
const MOST_RULE_TEXT = 24_000;
const MOST_ROWS = 200;

export const stateSection = (run: Run): Markup => {
  const states = Object.entries(run.evidence?.before ?? {});
  return section(
    8,
    'state',
    'Host state at the time',
    states.length === 0 ? el('p', {}, 'The state is not in this document.') : null,
    el(
      'div',
      { class: 'states' },
      states.map(([id, state]) =>
        el('div', {}, el('h3', {}, `${netnsTitle(run, id)} (${id})`), netnsState(run, id, state)),
      ),
    ),
  );
};

const netnsState = (run: Run, id: string, state: NetnsState): Child => [
  part('links', state.links, (links) =>
    rows('Links', ['name', 'state', 'MTU', 'kind', 'in bridge', 'MAC'], links, (link) => [
      code(link.ifname),
      `${link.operstate}${link.flags.includes('UP') ? '' : ' (down)'}`,
      `${link.mtu}`,
      link.kind ?? 'device',
      link.master ?? '',
      link.address ?? '',
    ]),
  ),
  part('addresses', state.addresses, (addresses) =>
    rows('Addresses', ['interface', 'address', 'scope'], addresses, (address) => [
      code(address.ifname),
      code(`${address.local}/${address.prefixLength}`),
      address.scope,
    ]),
  ),
  part('routes', state.routes, (routes) =>
    rows(
      'Routes',
      ['table', 'route'],
      routes.filter((route) => route.table !== 'local'),
      (route) => [route.table, code(route.text)],
    ),
  ),
  part('policy rules', state.rules, (rules) => rows('Policy rules', ['rule'], rules, (rule) => [code(rule.text)])),
  part('neighbours', state.neighbours, (neighbours) =>
    rows('Neighbours', ['address', 'device', 'MAC', 'state'], neighbours, (entry) => [
      code(entry.address),
      entry.dev,
      entry.lladdr ?? '',
      entry.states.join(' '),
    ]),
  ),
  part('settings of this flow', state.sysctls, (all) =>
    rows('Settings (sysctl)', ['key', 'value'], flowSysctls(run, id, all), ([key, value]) => [code(key), code(value)]),
  ),
  part('iptables (nft)', state.iptablesNft, (text) => ruleText('iptables (nft)', text, summariseIptables)),
  part('iptables (legacy)', state.iptablesLegacy, (text) => ruleText('iptables (legacy)', text, summariseIptables)),
  part('ip6tables (nft)', state.ip6tablesNft, (text) => ruleText('ip6tables (nft)', text, summariseIptables)),
  part('nftables', state.nftables, (text) =>
    rows('nftables chains', ['chain'], summariseNft(text), (line) => [code(line)]),
  ),
  part('connection tracking', state.conntrack, ({ entries, count, max }) =>
    fragment(
      el('p', {}, `${count ?? '?'} of ${max ?? '?'} entries in use`),
      rows('Connections of this flow', ['entry'], entries, (entry) => [code(entry.text)]),
    ),
  ),
];

const part = <T>(name: string, artifact: Artifact<T>, show: (value: T) => Markup): Markup =>
  artifact.ok
    ? fold(`${name}${countOf(artifact.value)}`, show(artifact.value))
    : el('p', { class: 'aside' }, `${name}: not read (${artifact.message})`);

const countOf = (value: unknown): string => (Array.isArray(value) ? ` (${value.length})` : '');

const rows = <T>(
  caption: string,
  headings: readonly string[],
  values: readonly T[],
  cells: (value: T) => readonly Child[],
): Markup => {
  if (values.length === 0) return el('p', {}, 'none');
  return fragment(
    table(caption, headings, values.slice(0, MOST_ROWS).map(cells)),
    values.length > MOST_ROWS
      ? el('p', { class: 'aside' }, `The first ${MOST_ROWS} of ${values.length}; all are in the run document.`)
      : null,
  );
};

const ruleText = (name: string, text: string, summarise: (text: string) => readonly string[]): Markup => {
  if (text.trim() === '') return el('p', {}, 'no rules');
  if (text.length <= MOST_RULE_TEXT) return output(text, name);
  const lines = summarise(text);
  return fragment(
    el(
      'p',
      {},
      `${plural(text.split('\n').length, 'line')}, ${text.length} bytes: summarised here, whole in the run document of the bundle.`,
    ),
    rows(`${name}, chains`, ['chain'], lines, (line) => [code(line)]),
  );
};
