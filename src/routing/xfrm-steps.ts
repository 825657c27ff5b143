import type { NetnsState, XfrmPolicy, XfrmSet } from '../model/state.js';
import type { HookPacket } from '../netfilter/types.js';
import type { WalkStep } from './flow-walk-types.js';
import { addressIn } from './network.js';
import type { StepPlace } from './walk-steps.js';

/**
 * The IPsec policies that a forwarded packet in the clear meets before FORWARD: the one that lets it through (`fwd`), and
 * the one for its way out, whose tunnel must be up. Only a policy that loses the packet gives a step.
 * @see ip_forward in net/ipv4/ip_forward.c, xfrm_lookup in net/xfrm/xfrm_policy.c
 */
export const xfrmSteps = (place: StepPlace, state: NetnsState, packet: HookPacket): readonly WalkStep[] => {
  if (!state.xfrm?.ok) return [];
  const { policies, states } = state.xfrm.value;
  return (['fwd', 'out'] as const).flatMap((direction): readonly WalkStep[] => {
    const policy = firstMatch(policies, direction, packet);
    const problem = policy && problemOf(policy, states);
    if (!policy || problem === null) return [];
    return [
      {
        ...place,
        stage: 'forward',
        device: packet.oif,
        outcome: 'drop',
        detail: { kind: 'xfrm', policy, problem: problem ?? 'blocked' },
      },
    ];
  });
};

/** The lowest priority number wins. A policy with more in its selector than addresses is not judged. */
const firstMatch = (
  policies: readonly XfrmPolicy[],
  direction: XfrmPolicy['direction'],
  { source, destination }: HookPacket,
): XfrmPolicy | null =>
  policies
    .filter(
      (policy) =>
        policy.direction === direction &&
        policy.more === '' &&
        addressIn(policy.source, source) &&
        addressIn(policy.destination, destination),
    )
    .toSorted((a, b) => a.priority - b.priority)[0] ?? null;

const problemOf = (
  { action, direction, templates }: XfrmPolicy,
  states: XfrmSet['states'],
): 'blocked' | 'no-association' | null => {
  if (action === 'block') return 'blocked';
  const isUp = (template: XfrmPolicy['templates'][number]): boolean =>
    states.some((one) => one.source === template.source && one.destination === template.destination);
  return direction === 'out' && templates.some((template) => !isUp(template)) ? 'no-association' : null;
};
