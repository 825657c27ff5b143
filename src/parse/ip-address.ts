import { z } from 'zod';
import type { AddressState } from '../model/state.js';
import { parseJsonRows } from './json-rows.js';

const info = z.looseObject({
  family: z.string(),
  local: z.string().optional(),
  address: z.string().optional(),
  prefixlen: z.number(),
  scope: z.string().default('global'),
});

const row = z.object({ ifindex: z.number(), ifname: z.string(), addr_info: z.array(info).default([]) });

/**
 * IPv4 and IPv6 addresses in the kernel's order from `ip -j addr show`. `flags` are the options that are set
 * (`secondary`, `tentative`, `deprecated`, …).
 * @throws ParseError
 * @see ip-address(8)
 */
export const parseIpAddress = (text: string): AddressState[] =>
  parseJsonRows('ip addr', text, row).flatMap((link) =>
    link.addr_info.flatMap((address) => {
      const local = address.local ?? address.address;
      if (local === undefined || (address.family !== 'inet' && address.family !== 'inet6')) return [];
      return [
        {
          family: address.family === 'inet' ? (4 as const) : (6 as const),
          ifname: link.ifname,
          ifindex: link.ifindex,
          local,
          prefixLength: address.prefixlen,
          scope: address.scope,
          peer: address.local === undefined ? null : (address.address ?? null),
          flags: Object.entries(address).flatMap(([key, value]) => (value === true ? [key] : [])),
        },
      ];
    }),
  );
