import type { State } from '../facts/facts.js';
import type { Rulesets } from './rulesets.js';

/** What is there before anything is built. */
export interface Observed {
  /** The host's settings, and the target's where its namespace exists. */
  readonly state: State;
  readonly rulesets: Rulesets;
  /** The host's end of the container's `eth0`; `null` when there is no such cable. */
  readonly hostEnd: string | null;
  /** Addresses of other containers, neighbours, and whoever answered a probe. */
  readonly taken: ReadonlySet<string>;
  /** What identifies this machine, for an IPv6 prefix of its own. */
  readonly machine: string;
}

/** The host's way outside, from its default route. */
export interface Uplink {
  readonly device: string;
  readonly gateway: string | null;
  readonly mtu: number;
}

const facts = (state: State, netns: string, facet: string): readonly (readonly [string, string])[] =>
  [...(state.get(netns) ?? [])].flatMap(([key, value]) =>
    key.startsWith(`${facet} `) ? [[key.slice(facet.length + 1), value] as const] : [],
  );

/** `192.168.0.1/24` of a device, IPv6 link-local ones left out. */
export const addressesOf = (state: State, netns: string, device: string, family: 4 | 6): readonly string[] =>
  facts(state, netns, 'address').flatMap(([key]) => {
    const [name, address = ''] = key.split(' ');
    const matches = address.includes(':') === (family === 6) && !/^fe80:/i.test(address);
    return name === device && matches && address.includes('/') ? [address] : [];
  });

/** Every address of a namespace, without its prefix length. */
export const allAddresses = (state: State, netns: string): readonly string[] =>
  facts(state, netns, 'address').map(([key]) => key.split(' ')[1]?.split('/')[0] ?? '');

/** The lines of a namespace's routes, without the family. */
export const routesOf = (state: State, netns: string, family: 4 | 6): readonly string[] =>
  facts(state, netns, 'route').flatMap(([key]) => (key.startsWith(`${family} `) ? [key.slice(2)] : []));

/** The default route of the main table with the lowest metric. */
export const defaultRoute = (state: State, netns: string, family: 4 | 6): string | null => {
  const metric = (route: string): number => Number(/ metric (\d+)/.exec(route)?.[1] ?? 0);
  const routes = routesOf(state, netns, family).filter((route) => /^default /.test(route) && !/ table /.test(route));
  return routes.toSorted((one, other) => metric(one) - metric(other))[0] ?? null;
};

export const uplinkOf = (state: State): Uplink | null => {
  const route = defaultRoute(state, 'host', 4);
  const device = / dev (\S+)/.exec(route ?? '')?.[1];
  if (device === undefined) return null;
  return {
    device,
    gateway: / via (\S+)/.exec(` ${route}`)?.[1] ?? null,
    mtu: Number(state.get('host')?.get(`mtu ${device}`) ?? 1500),
  };
};
