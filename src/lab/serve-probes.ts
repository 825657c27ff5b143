import type { Lab } from './lab.js';
import { nameServerFor, type Probed } from './name-server.js';

const SERVICE_PORT = 80;
const ECHO = /^([\d.]+):(\d+)$/;

/**
 * Starts outside what the probes of faults ask for, each once: a TCP service, DNS servers, and programs that send UDP
 * datagrams back. They end with the lab.
 */
export const serveProbes = async (lab: Lab, faults: readonly Probed[]): Promise<void> => {
  const ofProtocol = (wanted: 'tcp' | 'udp') =>
    faults.flatMap(({ probe }) => (probe?.protocol === wanted ? [probe.destination] : []));
  if (ofProtocol('tcp').length > 0) await lab.serve('outside', '0.0.0.0', SERVICE_PORT);
  const servers = new Set(faults.flatMap((fault) => nameServerFor(fault, lab.topology) ?? []));
  for (const server of servers) await lab.nameServer('outside', server);
  for (const place of new Set(ofProtocol('udp'))) {
    const [, address, port] = ECHO.exec(place) ?? [];
    if (address !== undefined) await lab.echo('outside', address, Number(port));
  }
};
