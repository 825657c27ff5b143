import type { Fault } from '../lab/fault.js';
import { faults } from '../lab/faults/index.js';
import { topologies } from '../lab/topologies/index.js';
import type { Topology } from '../lab/topology.js';
import { EXIT, KnownError } from '../model/errors.js';

/** Ids that share the longest beginning with a name, which may have been meant. */
const nearest = (name: string, ids: readonly string[]): readonly string[] => {
  for (let length = name.length; length > 2; length -= 1) {
    const near = ids.filter((id) => id.startsWith(name.slice(0, length)));
    if (near.length > 0) return near.slice(0, 5);
  }
  return [];
};

const unknown = (what: string, name: string, ids: readonly string[]): never => {
  const near = nearest(name, ids);
  throw new KnownError(`no ${what} ${JSON.stringify(name)}`, {
    exitCode: EXIT.usage,
    hint: near.length > 0 ? `did you mean ${near.join(', ')}?` : 'vethoscope lab list',
  });
};

/** @throws KnownError for a network that is not there */
export const topologyNamed = (id: string): Topology =>
  topologies.find((topology) => topology.id === id) ??
  unknown(
    'network',
    id,
    topologies.map((topology) => topology.id),
  );

/** @throws KnownError for a fault that is not there */
export const faultNamed = (id: string): Fault =>
  faults.find((fault) => fault.id === id) ??
  unknown(
    'fault',
    id,
    faults.map((fault) => fault.id),
  );
