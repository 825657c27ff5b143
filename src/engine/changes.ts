import type { StateChange } from '../model/evidence.js';
import type { NetnsId } from '../model/netns.js';
import type { ArtifactName, NetnsState } from '../model/state.js';

/** Artifacts that a flow depends on, with what of each may not change while it is traced. */
const COMPARED: readonly { readonly name: ArtifactName; readonly what: string; fingerprint(value: never): readonly string[] }[] = [
  {
    name: 'links',
    what: 'an interface',
    fingerprint: (links: readonly { ifname: string; ifindex: number; flags: readonly string[]; master: string | null; mtu: number }[]) =>
      links.map((link) => `${link.ifindex} ${link.ifname} ${link.flags.join(',')} master ${link.master} mtu ${link.mtu}`),
  },
  {
    name: 'addresses',
    what: 'an address',
    fingerprint: (addresses: readonly { ifname: string; local: string; prefixLength: number }[]) =>
      addresses.map((address) => `${address.local}/${address.prefixLength} on ${address.ifname}`),
  },
  {
    name: 'routes',
    what: 'a route',
    fingerprint: (routes: readonly { table: string; text: string }[]) => routes.map((route) => `table ${route.table}: ${route.text}`),
  },
  {
    name: 'rules',
    what: 'a policy rule',
    fingerprint: (rules: readonly { priority: number; text: string }[]) => rules.map((rule) => `${rule.priority}: ${rule.text}`),
  },
  { name: 'iptablesNft', what: 'an iptables rule', fingerprint: (text: string) => withoutCounters(text) },
  { name: 'iptablesLegacy', what: 'an iptables (legacy) rule', fingerprint: (text: string) => withoutCounters(text) },
  { name: 'nftables', what: 'an nftables rule', fingerprint: (text: string) => nftFingerprint(text) },
];

/**
 * What of the state changed between the two snapshots of the namespaces on the path: one entry for each kind, with the
 * first thing that differs. Counters and statistics are left out.
 */
export const changesBetween = (
  before: Readonly<Record<NetnsId, NetnsState>>,
  after: Readonly<Record<NetnsId, Partial<NetnsState>>>,
): readonly StateChange[] =>
  Object.entries(before).flatMap(([netns, state]) =>
    COMPARED.flatMap(({ name, what, fingerprint }): readonly StateChange[] => {
      const [first, second] = [state[name], after[netns]?.[name]];
      if (!first.ok || !second?.ok) return [];
      const [old, now] = [fingerprint(first.value as never), fingerprint(second.value as never)];
      const detail = difference(old, now);
      return detail === null ? [] : [{ netns, what, detail }];
    }),
  );

const difference = (old: readonly string[], now: readonly string[]): string | null => {
  const [before, after] = [new Set(old), new Set(now)];
  const gone = old.find((line) => !after.has(line));
  if (gone !== undefined) return `gone: ${gone}`;
  const added = now.find((line) => !before.has(line));
  return added === undefined ? null : `new: ${added}`;
};

const withoutCounters = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.replace(/^\[\d+:\d+\] /, '').replace(/ \[\d+:\d+\]$/, ''));

/** Chains and rules without counters; set elements are left out, since traffic itself may add them. */
const nftFingerprint = (text: string): readonly string[] => {
  const parsed: unknown = JSON.parse(text);
  const objects = (parsed as { nftables?: readonly Readonly<Record<string, unknown>>[] }).nftables ?? [];
  return objects
    .filter((object) => 'chain' in object || 'rule' in object || 'table' in object)
    .map((object) => JSON.stringify(object, (key, value: unknown) => (key === 'packets' || key === 'bytes' ? undefined : value)));
};
