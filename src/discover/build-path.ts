import type { Flow } from '../model/flow.js';
import type { Path } from '../model/path.js';
import { extraHops } from './extra-hops.js';
import { walkFromSocket } from './origin.js';
import { assemblePath } from './segments.js';
import type { FlowRequest, Topology, Wanted } from './topology.js';
import { wantedTwin } from './twin.js';

export interface PathPlan {
  readonly path: Path;
  readonly flow: Flow;
  /** What has to be read before the path is complete; empty at the end. */
  readonly wanted: readonly Wanted[];
}

/** Follows the traffic through the namespaces that are known. Pure. */
export const planPath = (topology: Topology, request: FlowRequest): PathPlan => {
  const { segments, notes, wanted, kind, source } = walkFromSocket(topology, request);
  const walk = { topology, request, source };
  const { mark, family, protocol, destination, destinationText, port, dns } = request;
  return {
    path: assemblePath(segments, extraHops(walk, segments), notes),
    flow: { kind, family, protocol, source, destination, destinationText, port, mark, ...(dns ? { dns } : {}) },
    wanted: wanted.length > 0 ? wanted : wantedTwin(topology, source),
  };
};

/** The path of a flow through a topology that is complete. */
export const buildPath = (topology: Topology, flow: FlowRequest): Path => planPath(topology, flow).path;
