import { z } from 'zod';
import type { BridgeVlan } from '../model/state.js';
import { parseJsonRows } from './json-rows.js';

const row = z.object({
  ifname: z.string(),
  vlans: z.array(
    z.object({ vlan: z.number(), vlanEnd: z.number().optional(), flags: z.array(z.string()).default([]) }),
  ),
});

/**
 * VLANs of bridges and their ports from `bridge -j vlan show`; a range is one entry for each of its VLANs.
 * @throws ParseError
 * @see bridge(8)
 */
export const parseBridgeVlan = (text: string): BridgeVlan[] =>
  parseJsonRows('bridge vlan', text, row).flatMap(({ ifname, vlans }) =>
    vlans.flatMap(({ vlan, vlanEnd, flags }) =>
      Array.from({ length: Math.min((vlanEnd ?? vlan) - vlan + 1, 4096) }, (_, offset) => ({
        ifname,
        vlan: vlan + offset,
        isPvid: flags.includes('PVID'),
        isUntagged: flags.includes('Egress Untagged'),
      })),
    ),
  );
