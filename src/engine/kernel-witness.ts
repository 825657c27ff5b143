import type { Evidence, KernelSighting } from '../model/evidence.js';
import type { CaptureReport, Packet, Sighting } from '../model/packet.js';
import type { Hop } from '../model/path.js';

/**
 * The evidence with what the kernel's events show at the devices in place of the captures, where none of those ran; the same
 * evidence otherwise. Inside of a tunnel packets have another length, so that the kernel was not asked for them there.
 */
export const withKernelSeen = <E extends Pick<Evidence, 'captures' | 'kernelSeen' | 'path' | 'sightings'>>(
  evidence: E,
): E => {
  const { captures, kernelSeen, path } = evidence;
  if (kernelSeen === undefined || captures.length === 0 || captures.some(({ error }) => error === null))
    return evidence;
  const watched = new Set(path.hops.filter(isWatched).map(({ id }) => id));
  const shown = kernelSeen.filter(({ hop }) => watched.has(hop));
  return {
    ...evidence,
    captures: captures.map((report) => (watched.has(report.hop) ? asWatched(report, shown) : report)),
    sightings: shown.map(asSighting),
  };
};

/** Whether it was the kernel that told where the packets passed. */
export const isKernelSeen = ({ captures }: Pick<Evidence, 'captures'>): boolean =>
  captures.some(({ by }) => by === 'kernel');

const isWatched = ({ ifname, inside }: Hop): boolean => ifname !== null && inside === undefined;

const asWatched = ({ hop, command, failure }: CaptureReport, shown: readonly KernelSighting[]): CaptureReport =>
  failure === 'no-interface' || failure === 'interface-down'
    ? { hop, command, failure, error: failure, packets: 0, droppedByKernel: null }
    : {
        hop,
        command,
        by: 'kernel',
        error: null,
        packets: shown.filter((one) => one.hop === hop).length,
        droppedByKernel: 0,
      };

/** The events bear no header, so that nothing but the passing is known. */
const asSighting = ({ hop, way, probe, at }: KernelSighting): Sighting => ({
  hop,
  kind: way === 'forward' ? 'request' : 'reply',
  way,
  probe,
  packet: { ...UNREAD, at },
});

const UNREAD: Omit<Packet, 'at'> = {
  macSource: null,
  macDestination: null,
  vlan: null,
  length: 0,
  truncated: true,
  arp: null,
  ip: null,
  icmp: null,
  tcp: null,
  udp: null,
};
