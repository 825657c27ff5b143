import ipaddr from 'ipaddr.js';
import type { Change, Facet } from '../model/repair.js';
import { deviceOf, isKernelOwn, type State, settingOf } from './facts/facts.js';

/** A setting that somebody else has changed since: what it was, what we made it, what it is now. */
export interface Conflict extends Change {
  readonly now: string | null;
  /** What of ours it hangs on, where it is no setting of ours itself. */
  readonly needs?: string;
}

/**
 * What keeps a repair from being undone: settings of ours that have another value by now, and what others made since that
 * would go with ours.
 * @param before all settings before the repair
 */
export const conflictsOf = (changes: readonly Change[], before: State, now: State): readonly Conflict[] => [
  ...usersOfOurDevices(changes, now),
  ...routesOverOurs(changes, before, now),
  ...changes.flatMap((change) => {
    const current = settingOf(now, change.netns, change.facet, change.key);
    if (current === change.before || current === change.after || isKernelOwn(change) || change.facet === 'mac')
      return [];
    const device = deviceOf(change);
    const gone = device !== null && settingOf(now, change.netns, 'link', device) === null;
    return gone ? [] : [{ ...change, now: current }];
  }),
];

const namesOf = (changes: readonly Change[]): ReadonlySet<string> =>
  new Set(changes.map(({ netns, facet, key }) => `${netns} ${facet} ${key}`));

/** Ports and addresses that somebody else gave to a device that we made: they would go with it. */
const usersOfOurDevices = (changes: readonly Change[], now: State): readonly Conflict[] => {
  const made = changes.filter(({ facet, before }) => facet === 'link' && before === null);
  const ours = namesOf(changes);
  return made.flatMap(({ netns, key: device }) =>
    [...(now.get(netns) ?? [])].flatMap(([fact, value]): readonly Conflict[] => {
      const [facet = '', first = ''] = fact.split(' ');
      const isPort =
        facet === 'master' && value === device && !made.some((link) => link.netns === netns && link.key === first);
      const isAddress = facet === 'address' && first === device && !/ fe80:/.test(fact);
      if (!(isPort || isAddress) || ours.has(`${netns} ${fact}`)) return [];
      return [
        {
          ...{ netns, facet: facet as Facet, key: fact.slice(facet.length + 1), before: null, after: null, now: value },
          needs: `the device ${device}, which goes`,
        },
      ];
    }),
  );
};

/** Routes that the kernel makes by itself, with an address or from a router's advertisement. */
const BY_KERNEL = / proto (?:kernel|ra|redirect)\b/;

/** Routes that somebody else made since, and that the kernel would take away, or could not bring back, without what is ours. */
const routesOverOurs = (changes: readonly Change[], before: State, now: State): readonly Conflict[] => {
  const ours = namesOf(changes);
  return [...now].flatMap(([netns, facts]) => {
    const here = changes.filter((change) => change.netns === netns);
    return [...facts].flatMap(([fact, value]): readonly Conflict[] => {
      if (!fact.startsWith('route ') || ours.has(`${netns} ${fact}`) || before.get(netns)?.has(fact)) return [];
      const key = fact.slice('route '.length);
      if (BY_KERNEL.test(key) || isKernelOwn({ facet: 'route', key })) return [];
      const needs = neededBy(key, here, facts);
      return needs === null ? [] : [{ netns, facet: 'route', key, before: null, after: null, now: value, needs }];
    });
  });
};

/** The change whose undoing takes a route away, in words. */
const neededBy = (route: string, changes: readonly Change[], facts: ReadonlyMap<string, string>): string | null => {
  const devices = [...route.matchAll(/ dev (\S+)/g)].map(([, device]) => device ?? '');
  for (const { facet, key, before, after } of changes) {
    const [device = '', address = ''] = key.split(' ');
    if (!devices.includes(device)) continue;
    if (facet === 'link' && before === null) return `the device ${device}, which goes`;
    if (facet === 'up' && before === 'down' && after === 'up') return `${device}, which goes down`;
    if (facet !== 'address' || before !== null || after === null) continue;
    const hasOther = [...facts.keys()].some((fact) => {
      const [what, of, other = ''] = fact.split(' ');
      return what === 'address' && of === device && other !== address && usesAddress(route, other);
    });
    if (usesAddress(route, address) && !hasOther) return `the address ${address} of ${device}, which goes`;
  }
  return null;
};

/** Whether the source of a route is this address, or its next hop lies in the address's subnet. */
const usesAddress = (route: string, address: string): boolean => {
  const [local = ''] = address.split('/');
  if (new RegExp(` src ${local.replaceAll('.', '\\.')}(?: |$)`).test(route)) return true;
  const hops = [...route.matchAll(/ via (?:inet6? )?(\S+)/g)].map(([, hop]) => hop ?? '');
  return hops.some((hop) => lies(hop, address));
};

const lies = (hop: string, subnet: string): boolean => {
  if (!ipaddr.isValid(hop) || !ipaddr.isValidCIDR(subnet)) return false;
  const [address, [base, length]] = [ipaddr.parse(hop), ipaddr.parseCIDR(subnet)];
  return address.kind() === base.kind() && address.match(base, length);
};
