export { buildPath, type PathPlan, planPath } from './build-path.js';
export { type Destination, parseDestination } from './destination.js';
export { discoverInbound, type InboundDiscovery } from './discover-inbound.js';
export {
  type DiscoverOptions,
  type Discovery,
  discoverTopology,
  readNamespace,
} from './discover-topology.js';
export { findNetns, hostNetns, type NetnsEntry, type NetnsInventory } from './inventory.js';
export { type ContainerList, type ContainerRow, listContainers } from './list-containers.js';
export { peerHops } from './peer-hops.js';
export {
  type ResolveDestinationOptions,
  type ResolvedDestination,
  resolveDestination,
} from './resolve-destination.js';
export { type ResolveOptions, resolveTarget } from './resolve-target.js';
export type { FlowRequest, NetnsTopology, Topology } from './topology.js';
export { withUserSpaceNote } from './user-space.js';
