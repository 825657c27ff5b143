import type { Proof } from '../../src/model/finding.js';
import { hopOf } from '../../src/model/path-queries.js';
import type { AddressState, LinkState, NeighbourState, RouteState } from '../../src/model/state.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import type { CheckContext } from '../define-check.js';
import { inside } from './commands.js';
import { firstUsable, globalAddresses, inSubnetOf } from './container.js';

export type GatewayVerdict =
  | { readonly kind: 'not-applicable'; readonly reason: string }
  | { readonly kind: 'fine'; readonly because: string }
  /** The bridge has no address at all. */
  | {
      readonly kind: 'bridge-without';
      readonly because: string;
      readonly gateway: string;
      readonly device: string;
      readonly neighbour: readonly Proof[];
    }
  | (Mismatch & { readonly kind: 'container-wrong' })
  | (Mismatch & { readonly kind: 'bridge-wrong' });

interface Mismatch {
  readonly because: string;
  readonly gateway: string;
  readonly bridge: AddressState;
  readonly neighbour: readonly Proof[];
}

export interface GatewayArtifacts {
  readonly 'target.addresses': readonly AddressState[];
  readonly 'target.neighbours': readonly NeighbourState[];
  readonly 'target.routes': readonly RouteState[];
  readonly 'host.addresses': readonly AddressState[];
  readonly 'host.links': readonly LinkState[];
}

const UNRESOLVED = ['FAILED', 'INCOMPLETE', 'NOARP'];

/**
 * Compares the container's gateway with what the host has on the container's network. Where the two differ, which side
 * is wrong follows, in this order, from whom the container resolved before (its neighbour entries), and from the custom
 * that the bridge has the first usable address of the subnet.
 */
export const judgeGateway = (artifacts: GatewayArtifacts, context: CheckContext): GatewayVerdict => {
  const { family } = context.flow;
  const route = stepsOf(context.walk, 'route').find((step) => step.netns === 'target');
  const gateway = route?.detail.answer.gateway ?? destinationAsGateway(artifacts['target.routes'], context);
  const device = route?.detail.answer.dev ?? null;
  if (gateway === null || device === null) return { kind: 'not-applicable', reason: 'the container uses no gateway' };
  const router = context.path.routers[0];
  if (router?.netns !== 'host') return { kind: 'not-applicable', reason: 'the gateway is not on this host' };
  if (hopOf(context.path, 'bridge') === null)
    return { kind: 'not-applicable', reason: 'the container is not on a bridge' };

  const hostAddresses = artifacts['host.addresses'].filter((address) => address.family === family);
  const owner = hostAddresses.find((address) => address.local === gateway);
  if (owner) return { kind: 'fine', because: `the gateway ${gateway} is the host's address on ${owner.ifname}` };

  const bridgeLink = artifacts['host.links'].find((link) => link.ifname === router.iif);
  const outwards = artifacts['host.links'].find((link) => link.master === router.iif && link.kind !== 'veth');
  if (outwards)
    return {
      kind: 'not-applicable',
      reason: `${outwards.ifname} takes ${router.iif} outside: the gateway may be there`,
    };
  const resolution = context.neighbour('target', device, gateway);
  const resolved =
    resolution?.lladdr && !resolution.states.some((state) => UNRESOLVED.includes(state)) ? resolution.lladdr : null;
  const onBridge = globalAddresses(hostAddresses, family).filter((address) => address.ifname === router.iif);
  if (resolved !== null && (resolved !== bridgeLink?.address || onBridge.length > 0))
    return { kind: 'fine', because: `the gateway ${gateway} has the MAC ${resolved}` };
  const neighbour: readonly Proof[] = resolution
    ? [
        {
          kind: 'read',
          text: `neighbour ${gateway} in the container: ${resolution.states.join(' ')}`,
          command: inside(context.netns('target'), ['ip', 'neigh', 'show', gateway]),
        },
      ]
    : [];
  if (bridgeLink && !bridgeLink.flags.includes('UP'))
    return { kind: 'not-applicable', reason: `${router.iif} is down` };
  const [first] = onBridge;
  if (!first) {
    const because = `${router.iif} has no IPv${family} address`;
    return { kind: 'bridge-without', because, gateway, device: router.iif, neighbour };
  }
  const bridge = inSubnetOf(gateway, onBridge);
  if (!bridge) return { kind: 'fine', because: `${router.iif} is not on the gateway's subnet` };
  const blame = blameFor(artifacts, gateway, bridge, bridgeLink);
  return { ...blame, gateway, bridge, neighbour };
};

/** The destination, where it is what the container's default route names: then the gateway itself is traced. */
const destinationAsGateway = (routes: readonly RouteState[], { flow }: CheckContext): string | null =>
  routes.some((route) => isDefault(route) && route.nexthops.some((hop) => hop.gateway === flow.destination))
    ? flow.destination
    : null;

const isDefault = ({ destination }: RouteState): boolean => destination === '0.0.0.0/0' || destination === '::/0';

const blameFor = (
  artifacts: GatewayArtifacts,
  gateway: string,
  bridge: AddressState,
  bridgeLink: LinkState | undefined,
): { readonly kind: 'container-wrong' | 'bridge-wrong'; readonly because: string } => {
  const used = artifacts['target.neighbours'].find(
    (entry) => entry.address === bridge.local && entry.lladdr === bridgeLink?.address,
  );
  if (used)
    return {
      kind: 'container-wrong',
      because: `the container has talked to ${bridge.local} on ${bridge.ifname} before`,
    };
  const custom = firstUsable(bridge.local, bridge.prefixLength);
  return gateway === custom
    ? { kind: 'bridge-wrong', because: `${gateway} is the subnet's first address, which a bridge has by custom` }
    : { kind: 'container-wrong', because: `${bridge.ifname} has ${bridge.local}, and nobody has ${gateway}` };
};
