import type { BuildPlan } from '../../model/build.js';
import { EXIT, KnownError } from '../../model/errors.js';
import type { NetnsRef } from '../../model/netns.js';
import { type State, settingOf } from '../facts/facts.js';
import { readState } from '../facts/read-state.js';
import type { BuildWish } from './design.js';
import { answersArp, backendOf, hostEndOf, neighboursOn, readRulesets } from './observe.js';
import { addressesOf } from './observed.js';
import { type BuildContext, planBuild } from './plan-build.js';
import { contains, subnetOf } from './subnet.js';

/** Addresses that are asked for before we give up: a subnet in which each is answered for is not one to build in. */
const MAX_ASKED = 16;

export interface SettleOptions {
  readonly backend: 'nft' | 'iptables' | null;
  readonly signal: AbortSignal;
  /** Addresses of other containers. */
  readonly taken: readonly string[];
  /** The host's ends of the container's cables. */
  readonly cables: readonly string[];
  /** `null` while the namespace has to be made. */
  readonly target: NetnsRef | null;
  readonly context: Omit<BuildContext, 'backend'>;
}

/**
 * The plan for an address that nobody answers for. Where the bridge has a foot in the subnet, each address is asked for
 * by ARP before it is chosen.
 * @throws KnownError for a wish that cannot be had
 */
export const planWithFreeAddress = async (
  wish: BuildWish,
  { backend, signal, taken, cables, target, context }: SettleOptions,
): Promise<{ readonly plan: BuildPlan; readonly state: State }> => {
  const [state, rulesets] = await Promise.all([readState(context.netns), readRulesets()]);
  const hostEnd = target === null ? null : await hostEndOf(target);
  if (
    target !== null &&
    settingOf(state, 'target', 'link', 'eth0') !== null &&
    !(hostEnd !== null && cables.includes(hostEnd))
  )
    throw new KnownError(`eth0 of ${wish.target} is there already, and is no cable to this host`, {
      exitCode: EXIT.usage,
      hint: 'build completes veth pairs alone; see: vethoscope list',
    });
  const inUse = new Set(taken);
  const whole = { ...context, backend: await backendOf(rulesets, backend) };
  for (let asked = 0; asked < MAX_ASKED; asked += 1) {
    const plan = planBuild(wish, { state, rulesets, hostEnd, taken: inUse, machine: context.hostname }, whole);
    const [four] = plan.design.families;
    const subnet = subnetOf(four?.subnet ?? '');
    if (four === undefined || subnet === null) return { plan, state };
    const { bridge } = plan.design;
    const hasFoot =
      settingOf(state, 'host', 'up', bridge) === 'up' &&
      addressesOf(state, 'host', bridge, 4).some((address) => contains(subnet, address.split('/')[0] ?? ''));
    const isOwn = addressesOf(state, 'target', 'eth0', 4).some((address) => address.split('/')[0] === four.address);
    if (!hasFoot || isOwn) return { plan, state };
    const known = asked === 0 ? (await neighboursOn(bridge)).filter((address) => !inUse.has(address)) : [];
    for (const address of known) inUse.add(address);
    if (!known.includes(four.address) && !(await answersArp(bridge, four.address, signal))) return { plan, state };
    inUse.add(four.address);
  }
  throw new KnownError(`the first ${MAX_ASKED} addresses are all answered for`, {
    exitCode: EXIT.usage,
    hint: 'choose one: --address',
  });
};
