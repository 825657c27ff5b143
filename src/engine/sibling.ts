import { type Discovery, discoverTopology, type FlowRequest, resolveTarget } from '../discover/index.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { Flow } from '../model/flow.js';
import type { NetnsRef } from '../model/netns.js';
import type { Hop, Path } from '../model/path.js';
import type { Target } from '../model/target.js';

/** Another container from which the same probe may be sent. */
export interface Sibling {
  readonly name: string;
  readonly netns: NetnsRef;
  readonly flow: Flow;
}

const bridgeOf = ({ hops }: Path): Hop | undefined => hops.find(({ role }) => role === 'bridge');

/**
 * The other container that the user names, if its packets to the destination cross the same bridge.
 * @throws KnownError where they do not, or it is the traced one
 */
export const findSibling = async (
  spelled: string,
  target: Target,
  discovery: Discovery,
  request: FlowRequest,
  signal: AbortSignal,
): Promise<Sibling> => {
  const other = await resolveTarget(spelled, { signal });
  const refuse = (why: string): KnownError =>
    new KnownError(why, { exitCode: EXIT.usage, hint: 'containers and their bridges: vethoscope list' });
  const found = await discoverTopology(other, { ...request, source: null }, { signal });
  const [own, its] = [discovery, found].map(({ netns }) => netns.find(({ id }) => id === 'target'));
  if (!own || !its || own.inode === its.inode) throw refuse(`${other.name} is ${target.name} itself: no control`);
  const [bridge, theirs] = [bridgeOf(discovery.path), bridgeOf(found.path)];
  if (!bridge || bridge.ifindex !== theirs?.ifindex || bridge.netns !== theirs.netns)
    throw refuse(`${other.name} is not on ${bridge ? `${bridge.ifname}, the bridge` : 'a bridge'} of ${target.name}`);
  return { name: other.name, netns: { ...its, id: 'sibling' }, flow: found.flow };
};
