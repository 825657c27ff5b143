import { z } from 'zod';
import type { BridgeGroups } from '../model/state.js';
import { parseJsonRows } from './json-rows.js';

const row = z.object({
  mdb: z.array(z.object({ dev: z.string(), port: z.string(), grp: z.string() })).default([]),
  router: z.record(z.string(), z.array(z.object({ port: z.string(), type: z.string().optional() }))).default({}),
});

/**
 * Multicast groups and router ports of bridges from `bridge -j -d mdb show`. The bridge's own device is a port of its name.
 * @throws ParseError
 * @see bridge(8)
 */
export const parseBridgeMdb = (text: string): BridgeGroups => {
  const rows = parseJsonRows('bridge mdb', text, row);
  return {
    members: rows.flatMap(({ mdb }) => mdb.map(({ dev, port, grp }) => ({ bridge: dev, port, group: grp }))),
    routers: rows.flatMap(({ router }) =>
      Object.entries(router).flatMap(([bridge, ports]) =>
        ports.map(({ port, type }) => ({ bridge, port, isSet: type === 'permanent' })),
      ),
    ),
  };
};
