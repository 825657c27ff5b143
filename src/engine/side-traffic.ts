import type { IcmpErrorSeen, UnansweredNeighbour } from '../model/located.js';
import type { Sighting } from '../model/packet.js';
import { icmpWords } from './icmp-words.js';

/** Who asked for whom; `null` for what is no neighbour discovery. */
const asked = ({ kind, packet }: Sighting): { asker: string; address: string; request: boolean } | null => {
  const request = kind === 'neighbour-request';
  if (!request && kind !== 'neighbour-reply') return null;
  if (packet.arp !== null) {
    const { senderAddress, targetAddress } = packet.arp;
    return {
      asker: request ? senderAddress : targetAddress,
      address: request ? targetAddress : senderAddress,
      request,
    };
  }
  const address = packet.icmp?.target;
  if (address === undefined || packet.ip === null) return null;
  return { asker: request ? packet.ip.source : packet.ip.destination, address, request };
};

export const findUnanswered = (sightings: readonly Sighting[]): UnansweredNeighbour[] => {
  const entries = new Map<string, UnansweredNeighbour>();
  const answered = new Set<string>();
  for (const sighting of sightings) {
    const question = asked(sighting);
    if (question === null) continue;
    const { asker, address, request } = question;
    const key = `${sighting.hop} ${address}`;
    if (!request) answered.add(key);
    else entries.set(key, { hop: sighting.hop, address, asker, requests: (entries.get(key)?.requests ?? 0) + 1 });
  }
  return [...entries].filter(([key]) => !answered.has(key)).map(([, entry]) => entry);
};

export const findErrors = (sightings: readonly Sighting[]): IcmpErrorSeen[] => {
  const errors = new Map<string, IcmpErrorSeen>();
  const inTime = sightings.filter(({ kind }) => kind === 'icmp-error').sort((a, b) => a.packet.at - b.packet.at);
  for (const { hop, way, probe, packet } of inTime) {
    if (packet.ip === null || packet.icmp === null) continue;
    const { type, code, nextHopMtu } = packet.icmp;
    const from = packet.ip.source;
    const key = `${from} ${type} ${code} ${way}`;
    const before = errors.get(key);
    errors.set(key, {
      hop: before?.hop ?? hop,
      from,
      type,
      code,
      words: icmpWords(packet.ip.family, type, code),
      way,
      probes: [...new Set([...(before?.probes ?? []), ...(probe === null ? [] : [probe])])],
      nextHopMtu,
      hops: [...new Set([...(before?.hops ?? []), hop])],
    });
  }
  return [...errors.values()];
};
