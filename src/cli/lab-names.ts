import type { Fault } from '../lab/fault.js';
import { faults } from '../lab/faults/index.js';
import { topologies } from '../lab/topologies/index.js';
import type { Topology } from '../lab/topology.js';
import { unfinishedNetworks } from '../lab/unfinished-networks.js';
import { EXIT, KnownError } from '../model/errors.js';

/** Ids that share the longest beginning with a name, which may have been meant. */
const nearest = (name: string, ids: readonly string[]): readonly string[] => {
  for (let length = name.length; length > 2; length -= 1) {
    const near = ids.filter((id) => id.startsWith(name.slice(0, length)));
    if (near.length > 0) return near.slice(0, 5);
  }
  return [];
};

/** @throws KnownError that a name is not known, with those that may have been meant */
export const unknown = (what: string, name: string, ids: readonly string[]): never => {
  const near = nearest(name, ids);
  throw new KnownError(`no ${what} ${JSON.stringify(name)}`, {
    exitCode: EXIT.usage,
    hint: near.length > 0 ? `did you mean ${near.join(', ')}?` : 'vethoscope lab list',
  });
};

/** Practice networks, those that a learner completes too. */
export const networks: readonly Topology[] = [...topologies, ...unfinishedNetworks];

/** @throws KnownError for a network that is not there */
export const topologyNamed = (id: string): Topology =>
  networks.find((topology) => topology.id === id) ??
  unknown(
    'network',
    id,
    networks.map((topology) => topology.id),
  );

/** @throws KnownError for a fault that is not there */
export const faultNamed = (id: string): Fault =>
  faults.find((fault) => fault.id === id) ??
  unknown(
    'fault',
    id,
    faults.map((fault) => fault.id),
  );
