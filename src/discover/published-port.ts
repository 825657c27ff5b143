import ipaddr from 'ipaddr.js';
import type { Flow } from '../model/flow.js';

const PUBLISHED = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)->(\d+)\/(tcp|udp)$/;

/**
 * The container's port behind a place of the host, by the runtime's list of published ports
 * (`0.0.0.0:8080->80/tcp`); `null` where it names none.
 */
export const publishedPort = (
  ports: readonly string[],
  { destination, port, protocol }: Pick<Flow, 'destination' | 'port' | 'protocol'>,
): number | null => {
  for (const text of ports) {
    const [, six, four, outer, inner, kind] = PUBLISHED.exec(text) ?? [];
    const address = six ?? four ?? '';
    const isOurs = ipaddr.isValid(address) && (isAny(address) || address === destination);
    if (isOurs && kind === protocol && Number(outer) === port) return Number(inner);
  }
  return null;
};

const isAny = (address: string): boolean => ipaddr.parse(address).range() === 'unspecified';
