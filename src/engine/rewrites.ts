import type { Rewrite } from '../model/diagnosis.js';
import type { Way } from '../model/flow.js';
import type { Packet } from '../model/packet.js';
import type { Path } from '../model/path.js';
import { isBeside, mainLine, type Seen } from './seen.js';

/** Addresses, and with them ports, that changed from one hop to the next at which the same probe was seen. */
export const findRewrites = (path: Path, seen: Seen): Rewrite[] => {
  const inward = [...path.hops.filter(isBeside), ...mainLine(path).reverse()];
  return [
    ...along(
      mainLine(path).map((hop) => hop.id),
      'forward',
      seen,
    ),
    ...along(
      inward.map((hop) => hop.id),
      'return',
      seen,
    ),
  ];
};

const along = (hops: readonly string[], way: Way, seen: Seen): Rewrite[] => {
  const passed = hops.filter((hop) => (seen[way].get(hop)?.size ?? 0) > 0);
  return passed.slice(1).flatMap((toHop, index) => {
    const fromHop = passed[index];
    const pair = fromHop === undefined ? null : samePacket(seen, way, fromHop, toHop);
    if (fromHop === undefined || pair === null) return [];
    return (['source', 'destination'] as const).flatMap((field): Rewrite[] => {
      const [before, after] = [endpoint(pair[0], field), endpoint(pair[1], field)];
      if (before === null || after === null || before.text === after.text) return [];
      const ports = before.port !== after.port;
      return [
        {
          way,
          fromHop,
          toHop,
          field,
          before: ports ? before.text : before.address,
          after: ports ? after.text : after.address,
        },
      ];
    });
  });
};

const samePacket = (seen: Seen, way: Way, fromHop: string, toHop: string): readonly [Packet, Packet] | null => {
  for (const [probe, before] of seen[way].get(fromHop) ?? []) {
    const after = seen[way].get(toHop)?.get(probe);
    if (after !== undefined) return [before, after];
  }
  return null;
};

const endpoint = (packet: Packet, field: 'source' | 'destination') => {
  if (packet.ip === null) return null;
  const address = packet.ip[field];
  const transport = packet.tcp ?? packet.udp;
  const port = transport === null ? null : field === 'source' ? transport.sourcePort : transport.destinationPort;
  const host = packet.ip.family === 6 && port !== null ? `[${address}]` : address;
  return { address, port, text: port === null ? address : `${host}:${port}` };
};
