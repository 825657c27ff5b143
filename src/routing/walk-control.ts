import type { HookPacket } from '../netfilter/types.js';
import { asksIp } from './br-netfilter.js';
import { connectionOf } from './connection.js';
import type { FlowWalk, WalkInput } from './flow-walk-types.js';
import { enterStack } from './frame-entry.js';
import { atEnd, portBeside } from './frame-way.js';
import { linkMac } from './link-mac.js';
import { replyTo } from './probe-packet.js';
import { primaryAddress } from './source-address.js';
import { walkReceived } from './walk-packet.js';
import { routesOf } from './walk-steps.js';

/**
 * Whether this host itself would lose the answer to its own probe, which goes the way of the container's packets from the
 * last router on: such an answer says nothing about what is outside. `false` where that is not known.
 */
export const losesOwnAnswer = (input: WalkInput, { atUplink }: FlowWalk): boolean => {
  const router = input.path.routers.at(-1);
  const state = router && input.states[router.netns];
  const routes = routesOf(state);
  const device = atUplink?.oif ?? null;
  if (!router || !state || routes === null || atUplink === null || device === null) return false;
  const source = primaryAddress(routes, device, atUplink.family);
  if (source === null) return false;
  const request: HookPacket = { ...atUplink, source, iif: null, mark: 0, connection: 'new', connectionStatus: [] };
  const port = asksIp(state, request.family, device) ? portBeside(input, router, 'to') : null;
  const reply: HookPacket = { ...replyTo(request), iif: device, physIn: port?.port ?? null };
  const at = { way: 'return', netns: router.netns, iif: device } as const;
  const headers = { source: null, destination: linkMac(input, router.netns, device) };
  const come = enterStack(input, at, atEnd(input, router, 'to', 'ingress', device), reply, headers);
  const { steps } = walkReceived({
    place: { way: 'return', link: router.link, netns: router.netns },
    state,
    packet: come.packet,
    connection: connectionOf(request, request),
    expects: 'local',
    within: come.within,
  });
  return [...come.steps, ...steps].some(({ outcome }) => outcome === 'drop' || outcome === 'reject');
};
