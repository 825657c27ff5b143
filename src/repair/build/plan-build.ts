import type { BuildPart, BuildPlan, WantedFact } from '../../model/build.js';
import type { NetnsRef } from '../../model/netns.js';
import type { RepairStep } from '../../model/repair.js';
import { withComment } from '../command.js';
import { settingOf } from '../facts/facts.js';
import { kernelEffects } from '../kernel-effects.js';
import { cablingParts } from './cabling.js';
import { type BuildWish, designNetwork } from './design.js';
import { type Backend, hostParts } from './firewall.js';
import { addressesOf, defaultRoute, type Observed, uplinkOf } from './observed.js';
import { hasRule } from './rulesets.js';

export interface BuildContext {
  readonly run: string;
  readonly hostname: string;
  readonly backend: Backend;
  /** The command that leads into the container's namespace for `ip`, and for other programs. */
  readonly lead: { readonly ip: readonly string[]; readonly other: readonly string[] };
  /** What `ip link` calls the namespace: its name or a PID. */
  readonly into: string;
  readonly netns: readonly NetnsRef[];
  /** The namespace has to be made first, under this name. */
  readonly makeNetns: string | null;
}

/**
 * What has to be done so that the container has a complete network: every part in order, with a step for those that are
 * not right yet. Nothing is run.
 * @throws KnownError for a wish that cannot be had
 */
export const planBuild = (wish: BuildWish, observed: Observed, context: BuildContext): BuildPlan => {
  const design = designNetwork(wish, observed);
  const current = Number(settingOf(observed.state, 'target', 'mtu', 'eth0') ?? 0);
  const parts = [
    ...(context.makeNetns === null ? [] : [namespacePart(context.makeNetns)]),
    ...cablingParts(design, { into: context.into, isTooLarge: current > design.mtu }),
    ...hostParts(design, wish.publish, context.backend, observed),
  ];
  const otherWay = otherDefaultRoute(observed);
  let n = 0;
  return {
    run: context.run,
    hostname: context.hostname,
    target: wish.target,
    design,
    published: wish.publish,
    netns: context.netns,
    parts: parts.map((part) => {
      const right = isRight(part, observed) || (part.id === 'default-route' && otherWay !== null);
      if (right) return { part, step: null };
      n += 1;
      return { part, step: stepOf(part, n, observed, context) };
    }),
    notes: notesOf(wish, observed, context, otherWay),
  };
};

const namespacePart = (name: string): BuildPart => ({
  id: 'namespace',
  title: `make the network namespace ${name}`,
  why: 'a namespace is a network stack of its own: devices, addresses, routes and rules; it is what a container has',
  netns: 'host',
  inner: ['ip', 'netns', 'add', name],
  facts: [{ netns: 'target', facet: 'link', key: 'lo', value: null }],
  rule: null,
  scope: [],
  makes: [],
  devices: [],
  risk: 'touches nothing that is in use',
});

const isThere = ({ netns, facet, key, value }: WantedFact, { state }: Observed): boolean => {
  if (facet === 'route')
    return [...(state.get(netns)?.keys() ?? [])].some((fact) => `${fact} `.startsWith(`route ${key} `));
  const found = settingOf(state, netns, facet, key) ?? inherited(netns, key, state);
  return found !== null && (value === null || found === value);
};

/** A device that does not exist yet gets the namespace's default. */
const inherited = (netns: string, key: string, state: Observed['state']): string | null => {
  const [, lead = '', device = '', name = ''] = /^(net\.ipv[46]\.conf\.)(.+)\.([^.]+)$/.exec(key) ?? [];
  if (name === '' || settingOf(state, netns, 'link', device) !== null) return null;
  return settingOf(state, netns, 'sysctl', `${lead}default.${name}`);
};

const isRight = (part: BuildPart, observed: Observed): boolean =>
  part.facts.every((fact) => isThere(fact, observed)) && (part.rule === null || hasRule(observed.rulesets, part.rule));

const otherDefaultRoute = ({ state }: Observed): string | null => {
  const route = defaultRoute(state, 'target', 4);
  return route === null || / dev eth0\b/.test(route) ? null : route;
};

const SIGNS: Readonly<Record<string, RepairStep['sign']>> = { set: '~', sysctl: '~', replace: '~' };

const stepOf = (part: BuildPart, n: number, { state }: Observed, { run, lead }: BuildContext): RepairStep => {
  const tag = `vethoscope:${run}:${n}`;
  const inner = (part.rule === null ? null : withComment(part.inner, tag)) ?? part.inner;
  const isIp = inner[0] === 'ip';
  const argv = part.netns === 'host' ? inner : isIp ? [...lead.ip, ...inner.slice(1)] : [...lead.other, ...inner];
  const [fact] = part.facts;
  return {
    n,
    cause: part.id,
    title: part.title,
    netns: part.netns,
    argv,
    inner,
    sign: SIGNS[inner[0] ?? ''] ?? SIGNS[inner[2] ?? ''] ?? '+',
    subject: part.title,
    before: fact?.value == null ? null : (settingOf(state, fact.netns, fact.facet, fact.key) ?? 'none'),
    after: fact?.value ?? null,
    effects: kernelEffects(inner, state, part.netns),
    risk: part.devices === null ? 'medium' : 'low',
    riskText: part.risk,
    scope: part.scope,
    tag: part.rule === null ? null : tag,
    makes: part.makes,
    ...(part.devices === null ? {} : { devices: part.devices }),
  };
};

const notesOf = (
  wish: BuildWish,
  observed: Observed,
  { makeNetns }: BuildContext,
  otherWay: string | null,
): readonly string[] => {
  const { state } = observed;
  const design = designNetwork(wish, observed);
  const [four] = design.families;
  const there = addressesOf(state, 'host', design.bridge, 4);
  const inContainer = makeNetns === null ? addressesOf(state, 'target', 'eth0', 4) : [];
  const own = `${four?.address}/${four?.prefixLength}`;
  return [
    ...(uplinkOf(state) === null ? ['this host has no default route: the container will reach this host alone'] : []),
    ...(otherWay === null ? [] : [`the container has a default route of its own, which is left alone: ${otherWay}`]),
    ...(there.length > 0 && !there.includes(`${four?.gateway}/${four?.prefixLength}`)
      ? [`${design.bridge} has ${there.join(', ')} already; ${four?.gateway} is added to it`]
      : []),
    ...inContainer
      .filter((address) => address !== own)
      .map((address) => `the container keeps ${address}, which is not of ${four?.subnet}`),
    ...(design.bridge === 'docker0'
      ? [
          'Docker does not know of this address: it may give it to a container of its own; docker network connect bridge is its own way',
        ]
      : []),
    ...(wish.publish.length > 0 ? ['published ports answer on the addresses of this host, not on 127.0.0.1'] : []),
    ...([...(state.get('host')?.keys() ?? [])].some((fact) => fact === 'nft-table inet firewalld')
      ? [`firewalld rules here: if it drops, firewall-cmd --zone=trusted --change-interface=${design.bridge}`]
      : []),
  ];
};
