import type { Met, MetRule } from '../model/met.js';
import type { RuleRef } from '../netfilter/types.js';
import type { FlowWalk, StepDetail, WalkStep } from '../routing/flow-walk-types.js';
import type { RouteAnswer } from '../routing/types.js';

/** What the packet and its answer meet, in words for people. */
export const metOn = (walk: FlowWalk): readonly Met[] => walk.steps.map(toMet);

const toMet = ({ way, link, stage, netns, outcome, detail }: WalkStep): Met => ({
  way,
  link,
  stage,
  netns,
  outcome,
  text: textOf(detail),
  rules: rulesOf(detail),
});

const FRAMES = {
  ip: 'neighbour discovery',
  bridge: 'bridge netfilter',
  arp: 'ARP',
  netdev: 'netfilter of the device',
} as const;

const textOf = (detail: StepDetail): string => {
  switch (detail.kind) {
    case 'route':
      return `route to ${detail.query.destination}: ${routeText(detail.answer)}`;
    case 'forwarding':
      return `forwarding ${detail.on ? 'on' : 'off'} on ${detail.device}`;
    case 'reverse-path':
      return `rp_filter ${detail.answer.effective} on ${detail.device}`;
    case 'return-device':
      return `the answer is expected on ${detail.expected}: ${routeText(detail.answer)}`;
    case 'hook':
      return 'netfilter';
    case 'frame':
      return FRAMES[detail.layer];
    case 'filter':
      return detail.walk.filter?.text ?? 'no tc filter takes the frame';
    case 'address':
      return `${detail.address} ${detail.problem}`;
    case 'xfrm':
      return `IPsec policy ${detail.policy.source} to ${detail.policy.destination}: ${detail.problem}`;
    case 'moved':
      return `conntrack has ${detail.address} of ${detail.device}, by which the flow left before`;
    case 'ttl':
      return `TTL ${detail.ttl}`;
    case 'device':
      return detail.problem ?? 'the device is up';
    case 'neighbour':
      return `neighbour ${detail.address}: ${detail.entry?.states.join(' ') ?? 'no entry'}`;
    case 'bridge':
      return `bridge ${detail.bridge}`;
    case 'service':
      return `port ${detail.answer.port}: ${detail.answer.listens === 'yes' ? 'a program listens' : 'nothing listens there'}`;
    case 'unread':
      return `not read: ${detail.what}`;
  }
};

const routeText = ({ outcome, route, rule, dev, gateway }: RouteAnswer): string =>
  route?.text ?? rule?.text ?? (dev === null ? outcome : `${outcome} dev ${dev}${gateway ? ` via ${gateway}` : ''}`);

const rulesOf = (detail: StepDetail): readonly MetRule[] => {
  if (detail.kind !== 'hook' && detail.kind !== 'frame') return [];
  const { met, decidedBy, translations, drops } = detail.walk;
  const all = [...new Set([...met, ...drops])];
  const hits = [decidedBy, ...drops, ...translations.map(({ rule }) => rule)];
  return all.map((rule) => ({
    place: placeOf(rule),
    text: rule.text,
    hit: hits.some((hit) => hit !== null && isSame(hit, rule)),
  }));
};

const isSame = (one: RuleRef, other: RuleRef): boolean =>
  placeOf(one) === placeOf(other) && one.backend === other.backend && one.text === other.text;

const placeOf = ({ backend, family, table, chain, index }: RuleRef): string =>
  [backend, family, table, chain, ...(index === null ? [] : [index])].join(' ');
