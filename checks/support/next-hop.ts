import type { Finding, Proof } from '../../src/model/finding.js';
import { lastRouter } from '../../src/model/path-queries.js';
import type { AddressState, LinkState, NeighbourState, Nexthop } from '../../src/model/state.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import type { CheckContext } from '../define-check.js';
import { inSubnetOf } from './container.js';
import { unansweredProof } from './proofs.js';

const UNRESOLVED = ['FAILED', 'INCOMPLETE'];

/** The next hop of the last router, when its address resolves to a MAC; `null` otherwise. */
export const resolvedNextHop = (context: CheckContext): string | null => {
  const router = lastRouter(context.path);
  if (!router || router.oif === null || router.nextHop === null) return null;
  const entry = context.neighbour(router.netns, router.oif, router.nextHop);
  return entry?.lladdr && !entry.states.some((state) => UNRESOLVED.includes(state)) ? router.nextHop : null;
};

/** The request's next hop at the last router, whose address does not resolve. */
export interface DeadNextHop {
  readonly step: StepOf<'route'>;
  readonly device: string;
  readonly address: string;
  /** Whether the destination itself is taken to be on the link. */
  readonly onLink: boolean;
  readonly neighbour: NeighbourState | null;
  readonly link: LinkState | null;
}

/**
 * The next hop that the host's route names, when nothing answers there: its neighbour entry is FAILED or INCOMPLETE
 * after the probe, or ARP for it was seen unanswered. `null` when it resolves or no route leads on.
 */
export const deadNextHop = (context: CheckContext, links: readonly LinkState[]): DeadNextHop | null => {
  const step = stepsOf(context.walk, 'route').findLast(
    (candidate) => candidate.netns === 'host' && candidate.way === 'forward',
  );
  const answer = step?.detail.answer;
  if (!step || answer?.outcome !== 'unicast' || answer.dev === null) return null;
  const address = answer.gateway ?? step.detail.query.destination;
  if (!isSilent(context, { dev: answer.dev, gateway: address })) return null;
  const neighbour = context.neighbour('host', answer.dev, address);
  return {
    step,
    device: answer.dev,
    address,
    onLink: answer.gateway === null,
    neighbour,
    link: links.find((link) => link.ifname === answer.dev) ?? null,
  };
};

/** Whether nothing answers for a next hop of the host: its entry says so after the probe, or where there is none, ARP does. */
export const isSilent = (context: CheckContext, { dev, gateway }: Pick<Nexthop, 'dev' | 'gateway'>): boolean => {
  if (dev === null || gateway === null) return false;
  const entry = context.neighbour('host', dev, gateway);
  if (entry) return entry.states.some((state) => UNRESOLVED.includes(state));
  return context.located.neighbour.some((silence) => {
    const hop = context.path.hops.find((candidate) => candidate.id === silence.hop);
    return hop?.netns === 'host' && hop.ifname === dev && silence.address === gateway;
  });
};

/**
 * Whether a route to one network names a next hop that lies in no network of its device: nobody can answer for it there,
 * unless by proxy.
 */
export const isOffLink = (
  { step, device, address, onLink }: DeadNextHop,
  addresses: readonly AddressState[],
): boolean =>
  !onLink &&
  !/^(0\.0\.0\.0|::)\/0$/.test(step.detail.answer.route?.destination ?? '0.0.0.0/0') &&
  inSubnetOf(
    address,
    addresses.filter(({ ifname }) => ifname === device),
  ) === null;

/** Where the request is lost for want of an answer from its next hop, and what shows that nobody has the address. */
export const lostAtNextHop = (
  context: CheckContext,
  { step, device, address, neighbour }: DeadNextHop,
): Pick<Finding, 'place' | 'loses'> & { readonly proof: readonly [Proof, ...Proof[]] } => ({
  place: { link: step.link, stage: 'neighbour', way: 'forward', netns: 'host', device, object: `neighbour ${address}` },
  loses: [{ link: step.link, way: 'forward' }],
  proof: [
    {
      kind: 'read',
      text: `neighbour ${address} on ${device}: ${neighbour?.states.join(' ') ?? 'no entry'}`,
      command: ['ip', 'neigh', 'show', address],
    },
    ...unansweredProof(context, address),
  ],
});
