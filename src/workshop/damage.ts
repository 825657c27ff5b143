import { COLLATERAL, type CollateralKind, type LabCommands } from '../model/scenario.js';
import type { LabState } from './lab-state.js';

/** The network before it was broken, and just after. */
export interface Baseline {
  readonly healthy: LabState;
  readonly broken: LabState;
}

/** Damage that a repair has done, in words. */
export interface Damage {
  readonly kind: CollateralKind;
  readonly what: string;
}

const both = (one: readonly string[], other: readonly string[]): readonly string[] =>
  one.filter((entry) => other.includes(entry));

/** `host iptables nat` of `host iptables nat -A POSTROUTING …`. */
const tableOf = (rule: string): string => rule.split(' ').slice(0, 3).join(' ');

const counted = (entries: readonly string[], what: string): string =>
  entries.length === 1 ? `${what}: ${entries[0]}` : `${entries.length} times, ${what}: ${entries[0]}`;

type Judge = (baseline: Baseline, now: LabState) => string | null;

const added = ({ healthy, broken }: Baseline, now: LabState): readonly string[] =>
  now.rules.filter((rule) => !healthy.rules.includes(rule) && !broken.rules.includes(rule));

const flushedTables = ({ healthy, broken }: Baseline, now: LabState): readonly string[] => {
  const left = new Set(now.rules.map(tableOf));
  return [...new Set(both(healthy.rules, broken.rules).map(tableOf))].filter((table) => !left.has(table));
};

const judges: Readonly<Record<CollateralKind, Judge>> = {
  'forward-accept-all': (baseline, now) => {
    const opened = Object.entries(now.policies).filter(
      ([chain, policy]) =>
        /forward$/i.test(chain) && policy === 'ACCEPT' && baseline.healthy.policies[chain] === 'DROP',
    );
    if (opened.length > 0)
      return counted(
        opened.map(([chain]) => chain),
        'the policy of a forward chain was DROP and is ACCEPT',
      );
    const rules = added(baseline, now).filter((rule) =>
      /-A FORWARD -j ACCEPT$|^\S+ nft \S+ \S*forward\S* (?:counter )?accept$/i.test(rule),
    );
    return rules.length === 0 ? null : counted(rules, 'a new rule accepts everything that is forwarded');
  },
  'table-flushed': (baseline, now) => {
    const tables = flushedTables(baseline, now);
    return tables.length === 0 ? null : counted(tables, 'a table that had rules has none');
  },
  'rules-deleted': (baseline, now) => {
    const flushed = flushedTables(baseline, now);
    const gone = both(baseline.healthy.rules, baseline.broken.rules).filter(
      (rule) => !now.rules.includes(rule) && !flushed.includes(tableOf(rule)),
    );
    return gone.length === 0 ? null : counted(gone, 'a rule is gone that was not to blame');
  },
  'rp-filter-off': ({ broken }, now) => {
    const on = (state: LabState): boolean =>
      Object.entries(state.rpFilter).some(([place, value]) => place.startsWith('host ') && value !== '0');
    return on(broken) && !on(now) ? 'the reverse-path check is off on every device' : null;
  },
  'masquerade-all': (baseline, now) => {
    const rules = added(baseline, now)
      .filter((rule) => /-A POSTROUTING -j MASQUERADE$| masquerade$/.test(rule))
      .filter((rule) => !/ nft .*(?:saddr|oif)/.test(rule));
    return rules.length === 0 ? null : counted(rules, 'a rule masquerades everything, answers to the containers too');
  },
  'route-deleted': ({ healthy, broken }, now) => {
    const gone = both(healthy.routes, broken.routes).filter((route) => !now.routes.includes(route));
    return gone.length === 0 ? null : counted(gone, 'a route is gone');
  },
  'address-changed': ({ healthy, broken }, now) => {
    const gone = both(healthy.addresses, broken.addresses).filter((address) => !now.addresses.includes(address));
    return gone.length === 0 ? null : counted(gone, 'an address is gone');
  },
};

/** What a repair has damaged, of the kinds that count here. */
export const findDamage = (kinds: readonly CollateralKind[], baseline: Baseline, now: LabState): readonly Damage[] =>
  COLLATERAL.filter((kind) => kinds.includes(kind)).flatMap((kind) => {
    const what = judges[kind](baseline, now);
    return what === null ? [] : [{ kind, what }];
  });

const host = (...commands: readonly string[]): LabCommands => ({ netns: 'host', commands });

/** Order in which damage can be done without hiding the next. */
export const PROVOCATION_ORDER: readonly CollateralKind[] = [
  'masquerade-all',
  'forward-accept-all',
  'rules-deleted',
  'rp-filter-off',
  'route-deleted',
  'address-changed',
  'table-flushed',
];

/** Commands that do damage of a kind, for the test of a scenario; `null` where this network has nothing to damage. */
export const provocation = (kind: CollateralKind, { healthy, broken }: Baseline): LabCommands | null => {
  const rules = both(healthy.rules, broken.rules).filter((rule) => /^host iptables(?:-legacy)? /.test(rule));
  switch (kind) {
    case 'masquerade-all':
      return host('iptables -t nat -A POSTROUTING -j MASQUERADE');
    case 'forward-accept-all':
      return host('iptables -P FORWARD ACCEPT', 'iptables -I FORWARD -j ACCEPT');
    case 'rules-deleted': {
      const victim = rules.find((rule) => rules.some((other) => other !== rule && tableOf(other) === tableOf(rule)));
      const [, program, table, , ...words] = victim?.split(' ') ?? [];
      return victim === undefined ? null : host(`${program} -t ${table} -D ${words.join(' ')}`);
    }
    case 'rp-filter-off':
      return host('for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >"$f"; done');
    case 'route-deleted': {
      const route = both(healthy.routes, broken.routes).find((text) => text.startsWith('host '));
      return route === undefined ? null : host(`ip route del ${route.slice('host '.length)}`);
    }
    case 'address-changed': {
      const address = both(healthy.addresses, broken.addresses).findLast((text) => text.startsWith('host '));
      const [, device, value] = address?.split(' ') ?? [];
      return address === undefined ? null : host(`ip addr del ${value} dev ${device}`);
    }
    case 'table-flushed': {
      const [, program, table] = rules[0]?.split(' ') ?? [];
      return program === undefined ? null : host(`${program} -t ${table} -F`);
    }
  }
};
