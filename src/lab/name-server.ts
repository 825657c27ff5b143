import type { Fault } from './fault.js';
import type { Topology } from './topology.js';

/** The address outside at which a fault's queries want a DNS server; `null` where none is asked, or the network has its own. */
export const nameServerFor = ({ probe }: Pick<Fault, 'probe'>, { services }: Topology): string | null => {
  if (services?.some(({ kind }) => kind === 'dns')) return null;
  return /^dns:\/\/([\d.]+)\//.exec(probe?.destination ?? '')?.[1] ?? null;
};
