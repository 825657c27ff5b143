import type { FaultProbe } from './fault.js';
import type { Topology } from './topology.js';

/** What is asked of a network, a fault of the lab for example. */
export interface Probed {
  readonly probe?: FaultProbe | undefined;
}

/** The address outside at which a fault's queries want a DNS server; `null` where none is asked, or the network has its own. */
export const nameServerFor = ({ probe }: Probed, { services }: Topology): string | null => {
  if (services?.some(({ kind }) => kind === 'dns')) return null;
  return /^dns:\/\/([\d.]+)\//.exec(probe?.destination ?? '')?.[1] ?? null;
};
