import { z } from 'zod';
import {
  argv,
  count,
  flow,
  hop,
  kernelDrop,
  limit,
  list,
  number,
  path,
  probeResult,
  target,
  text,
  way,
} from './schema-parts.js';
import { metRule, traffic } from './schema-traffic.js';

const artifact = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown(), command: argv, ms: z.number() }),
  z.object({ ok: z.literal(false), reason: z.string(), message: z.string(), command: argv, ms: z.number() }),
]);
const read = artifact.optional();
const netnsState = z.object({
  links: read,
  addresses: read,
  routes: read,
  rules: read,
  neighbours: read,
  bridgePorts: read,
  fdb: read,
  bridgeGroups: read,
  sysctls: read,
  iptablesNft: read,
  ip6tablesNft: read,
  iptablesLegacy: read,
  ip6tablesLegacy: read,
  ebtablesLegacy: read,
  ebtablesNft: read,
  arptablesLegacy: read,
  arptablesNft: read,
  nftables: read,
  ovsPorts: read,
  wireguardPeers: read,
  conntrack: read,
  counters: read,
  qdiscs: read,
  tcFilters: read,
  sockets: read,
  resolvConf: read,
});
const states = z.record(z.string(), netnsState).describe('artifacts by namespace and name');

const sighting = z.object({
  hop: z.string(),
  kind: z.string(),
  way,
  probe: number,
  packet: z.object({ at: z.number(), length: count }),
});

const capture = z.object({ hop: z.string(), command: argv, error: text, packets: count, droppedByKernel: number });

/** All that was observed in a run. */
export const evidence = z.object({
  hostname: z.string(),
  kernel: z.string(),
  target,
  flow,
  netns: list(z.object({ id: z.string(), name: z.string(), path: z.string(), inode: z.number() })),
  sysctlFiles: list(
    z.object({ key: z.string(), value: z.string(), file: z.string(), line: z.number(), modified: z.string() }),
  )
    .optional()
    .describe('network settings in the files of this host, in the order in which they are made'),
  deviceManagers: list(z.object({ device: z.string(), manager: z.string() }))
    .optional()
    .describe('which network manager looks after which device of this host'),
  timeline: z
    .object({
      events: list(z.object({ at: z.string(), what: z.string(), touches: z.enum(['rules', 'settings', 'both']) })),
      absent: list(z.string()),
    })
    .optional()
    .describe('what happened on this host before the run, the oldest first'),
  inbound: z
    .object({
      client: z.object({ kind: z.string(), name: z.string(), spelled: z.string().optional() }),
      container: text,
      port: number,
      proxy: z.object({ pid: z.number(), container: z.string(), port: z.number() }).nullable(),
    })
    .optional()
    .describe('set for a flow that comes in to a published port'),
  process: z
    .object({
      pid: z.number(),
      rawSockets: z.enum(['yes', 'by-file', 'no']),
      groups: list(z.number()),
      proxies: list(
        z.object({ name: z.string(), place: z.object({ address: z.string(), port: z.number() }).nullable() }),
      ).optional(),
      isExempt: z.boolean().optional(),
    })
    .optional()
    .describe("what the target's own process may do, and the proxies on loopback addresses that it is told of"),
  traffic: traffic.optional().describe('traffic of the container that was followed in place of a probe'),
  ruleTrace: list(metRule)
    .optional()
    .describe('rules that the packets met, as the kernel told it; where the user let it'),
  containerNetworks: read.optional().describe("how the container's runtime configured its networks"),
  path,
  probeSettings: z.object({
    protocol: z.string(),
    count,
    intervalMs: z.number(),
    adaptive: z.boolean().optional().describe('whether each followed the answer to the one before at once'),
    size: count,
    df: z.boolean(),
    source: text,
    mark: z.number(),
    timeoutMs: z.number(),
    sourcePort: z.int().optional().describe('port from which it was sent, where one was chosen'),
    controlGroup: z.string().optional().describe('control group from which it was sent, where not from our own'),
  }),
  before: states,
  after: states,
  asked: list(z.object({ what: z.string(), netns: z.string(), command: argv, exitCode: number, answer: z.string() })),
  captures: list(capture),
  sightings: list(sighting),
  frames: list(
    z.object({
      hop: z.string(),
      at: z.number(),
      length: count,
      linkType: count,
      data: z.string().describe('base64'),
    }),
  ).optional(),
  probe: probeResult.nullable(),
  control: probeResult.nullable(),
  sibling: z.object({ name: z.string(), probe: probeResult }).optional().describe('the same from another container'),
  peer: z
    .object({ spelled: z.string(), hops: list(hop), captures: list(capture), sightings: list(sighting) })
    .optional()
    .describe('what was seen on the host of the other end, which the user named; its state stands under `peer`'),
  server: z
    .object({ icmp: probeResult, tcp: probeResult })
    .optional()
    .describe('what else a DNS server was asked that answered no query'),
  fullSize: z
    .object({
      bytes: count,
      probe: probeResult,
      control: probeResult.nullable(),
      sightings: list(sighting),
      passes: number.optional(),
    })
    .optional()
    .describe('one packet of the largest size that must not be fragmented'),
  kernelDrops: list(kernelDrop),
  kernelSeen: list(z.object({ hop: z.string(), way: z.enum(['forward', 'return']), probe: count, at: z.number() }))
    .optional()
    .describe("where the kernel's events show the probe's packets; absent where they do not tell of every one"),
  changes: list(z.object({ netns: z.string(), what: z.string(), detail: z.string() })),
  limits: list(limit),
});
