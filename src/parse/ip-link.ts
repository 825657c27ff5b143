import { z } from 'zod';
import type { LinkState, LinkStats } from '../model/state.js';
import { parseJsonRows } from './json-rows.js';

const options = z.record(z.string(), z.unknown());

const counts = z.object({ packets: z.number(), errors: z.number(), dropped: z.number() });

const row = z.object({
  ifindex: z.number(),
  ifname: z.string(),
  flags: z.array(z.string()).default([]),
  mtu: z.number().default(0),
  operstate: z.string().default('UNKNOWN'),
  address: z.string().optional(),
  link: z.string().nullish(),
  link_index: z.number().optional(),
  link_netnsid: z.number().optional(),
  master: z.string().optional(),
  group: z.string().optional(),
  promiscuity: z.number().default(0),
  altnames: z.array(z.string()).default([]),
  xdp: options.optional(),
  linkinfo: z
    .object({
      info_kind: z.string().optional(),
      info_data: options.optional(),
      info_slave_kind: z.string().optional(),
      info_slave_data: options.optional(),
    })
    .optional(),
  stats64: z.object({ rx: counts, tx: counts }).optional(),
});

/**
 * Interfaces from `ip -j -d -s link show`.
 * @throws ParseError
 * @see ip-link(8)
 */
export const parseIpLink = (text: string): LinkState[] => {
  const rows = parseJsonRows('ip link', text, row);
  const indexes = new Map(rows.map((link) => [link.ifname, link.ifindex]));
  return rows.map((link) => toLinkState(link, indexes));
};

const toLinkState = (link: z.output<typeof row>, indexes: ReadonlyMap<string, number>): LinkState => {
  const data = link.linkinfo?.info_data ?? {};
  const dataLink = typeof data['link'] === 'string' ? data['link'] : null;
  const lower = link.link ?? dataLink;
  return {
    ifindex: link.ifindex,
    ifname: link.ifname,
    flags: link.flags,
    mtu: link.mtu,
    operstate: link.operstate,
    address: link.address ?? null,
    peerIndex: link.link_index ?? (lower === null ? null : (indexes.get(lower) ?? null)),
    lower,
    linkNetnsid: link.link_netnsid ?? null,
    master: link.master ?? null,
    group: link.group ?? 'default',
    kind: link.linkinfo?.info_kind ?? null,
    masterKind: link.linkinfo?.info_slave_kind ?? null,
    data,
    slaveData: link.linkinfo?.info_slave_data ?? {},
    xdp: link.xdp ?? null,
    promiscuity: link.promiscuity,
    altnames: link.altnames,
    stats: toStats(link.stats64),
  };
};

const toStats = (stats: z.output<typeof row>['stats64']): LinkStats | null =>
  stats === undefined
    ? null
    : {
        rxPackets: stats.rx.packets,
        rxErrors: stats.rx.errors,
        rxDropped: stats.rx.dropped,
        txPackets: stats.tx.packets,
        txErrors: stats.tx.errors,
        txDropped: stats.tx.dropped,
      };
