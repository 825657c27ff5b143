import type { Evidence } from '../model/evidence.js';

/** Why answers that come from another port than the one that was asked are of no use; `null` where none did. */
export const otherPortDoubt = ({ flow, sightings }: Pick<Evidence, 'flow' | 'sightings'>): string | null => {
  const ports = sightings.flatMap(({ kind, packet: { ip, udp } }) =>
    kind === 'reply' && ip?.source === flow.destination && udp && udp.sourcePort !== flow.port ? [udp.sourcePort] : [],
  );
  const [port] = ports;
  if (port === undefined) return null;
  return `answers come from port ${port} of ${flow.destination}, not from port ${flow.port}, which was asked: to conntrack they are a flow of their own, and a program that listens to the asked port alone does not take them`;
};
