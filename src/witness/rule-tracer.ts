import { setTimeout as sleep } from 'node:timers/promises';
import { inNetns } from '../host/in-netns.js';
import { type StreamingChild, startCommand } from '../host/run-command.js';
import type { Limit } from '../model/evidence.js';
import type { Flow } from '../model/flow.js';
import type { NetnsId, NetnsRef } from '../model/netns.js';

/** Tables of this program, whoever of it made them. */
export const OWN_TABLE = 'vethoscope_trace_';

/** A table that marks the flow's packets in one namespace, and who listens to what the kernel then tells. */
export interface RuleTracer {
  /** What `nft monitor trace` has printed; ends the table. Callable more than once. */
  stop(): Promise<string>;
  /** Settles when both processes have ended. */
  readonly gone: Promise<unknown>;
}

/** A packet is marked by its addresses, its port, and the token in its payload where it has one at a fixed place. */
export interface TracedPackets {
  readonly flow: Flow;
  /** Payload token in hex; `null` where the packets bear none. */
  readonly token: string | null;
}

const READY_MS = 3000;
const POLL_MS = 25;
/** Messages of the kernel that are still on their way. */
const SETTLE_MS = 60;
const MOST_BYTES = 2_000_000;
/** Before every other chain, conntrack included. */
const PRIORITY = -350;
/** Where the token begins in the transport header, bits: behind the header and the time of `ping -p`, or behind that of UDP. */
const TOKEN_BITS = { icmp: 192, udp: 64 } as const;

const tableName = (): string => `${OWN_TABLE}${process.pid}`;

/** What nft is told to make the table, which it owns: the kernel removes it with the process. */
export const tracingScript = ({ flow, token }: TracedPackets): readonly string[] => {
  const table = `inet ${tableName()}`;
  const chains = (['prerouting', 'output'] as const).map(
    (hook) => `add chain ${table} ${hook} { type filter hook ${hook} priority ${PRIORITY}; }`,
  );
  const rules = ['prerouting', 'output'].flatMap((chain) =>
    matches({ flow, token }).map((match) => `add rule ${table} ${chain} ${match} meta nftrace set 1`),
  );
  return [...chains, ...rules];
};

const matches = ({ flow, token }: TracedPackets): readonly string[] => {
  const { family, protocol, destination, port } = flow;
  const ip = family === 4 ? 'ip' : 'ip6';
  const l4 = protocol === 'icmp' && family === 6 ? 'ipv6-icmp' : protocol;
  const bits = protocol === 'tcp' || token === null || flow.dns !== undefined ? null : TOKEN_BITS[protocol];
  const by = bits === null ? '' : ` @th,${bits},32 0x${token}`;
  const ported = (side: 'dport' | 'sport'): string => (port === null ? '' : ` ${protocol} ${side} ${port}`);
  return [
    `${ip} daddr ${destination} meta l4proto ${l4}${ported('dport')}${by}`,
    `${ip} saddr ${destination} meta l4proto ${l4}${ported('sport')}${bits === TOKEN_BITS.udp ? '' : by}`,
  ];
};

const DIES_WITH_US = ['setpriv', '--pdeathsig', 'TERM', '--'];

/** The commands that a tracer runs in a namespace. */
export const tracerCommands = (
  netns: NetnsRef,
): { readonly monitor: readonly string[]; readonly owner: readonly string[] } => ({
  monitor: inNetns(netns, [...DIES_WITH_US, 'nft', '-a', 'monitor']),
  owner: inNetns(netns, [...DIES_WITH_US, 'nft', '-i']),
});

/**
 * Makes the table and listens; settles when the kernel tells us of changes to it, so that no packet is missed.
 * @returns the tracer, or why there is none; never rejects for what the system lacks
 */
export const startRuleTracer = async (
  netns: NetnsRef,
  traced: TracedPackets,
  signal: AbortSignal,
): Promise<RuleTracer | { readonly unavailable: Limit }> => {
  const { monitor, owner } = tracerCommands(netns);
  const listener = new Output(startCommand(monitor, { signal }));
  const holder = new Output(startCommand(owner, { signal, input: `add table inet ${tableName()} { flags owner; }\n` }));
  const gone = Promise.all([listener.child.ended, holder.child.ended]);
  let stopped: Promise<string> | null = null;
  const end = async (): Promise<string> => {
    await sleep(SETTLE_MS);
    listener.child.kill('SIGTERM');
    holder.child.endInput();
    await gone;
    return listener.text;
  };
  const stop = (): Promise<string> => {
    stopped ??= end();
    return stopped;
  };
  const ready = await isHeard(listener, holder);
  if (ready === null) {
    holder.child.write(`${tracingScript(traced).join('\n')}\nlist table inet ${tableName()}\n`);
    const rules = tracingScript(traced).length;
    const isMade = await waitFor(() => (listener.text.match(/nftrace set 1/g)?.length ?? 0) >= rules - 2, holder);
    if (isMade) return { stop, gone };
  }
  const complaint = holder.errors.split('\n').find((line) => /Error|denied|not permitted|failed to execute/.test(line));
  await stop();
  return { unavailable: limitOf(netns.id, complaint ?? ready ?? 'nft does not take the rules') };
};

const limitOf = (netns: NetnsId, why: string): Limit => ({
  what: `trace of the rules in ${netns}`,
  why: why.replace(/^.*Error: /, ''),
  install: /not installed|failed to execute/.test(why) ? 'nftables' : null,
});

/** Adds empty chains until the listener hears of one; `null` when it does, else why not. */
const isHeard = async (listener: Output, holder: Output): Promise<string | null> => {
  let number = 0;
  let isAsked = 0;
  const heard = await waitFor(() => {
    if (performance.now() - isAsked > POLL_MS * 2) {
      isAsked = performance.now();
      number += 1;
      holder.child.write(`add chain inet ${tableName()} heard${number}\n`);
    }
    return listener.text.includes(`${tableName()} heard`);
  }, holder);
  return heard ? null : `nft does not tell of changes within ${READY_MS / 1000} s`;
};

const waitFor = async (condition: () => boolean, holder: Output): Promise<boolean> => {
  const deadline = performance.now() + READY_MS;
  while (performance.now() < deadline) {
    if (condition()) return true;
    if (/Error/.test(holder.errors) || holder.isOver) return false;
    await sleep(POLL_MS);
  }
  return false;
};

/** What a child prints, kept. */
class Output {
  readonly child: StreamingChild;
  text = '';
  errors = '';
  isOver = false;

  constructor(child: StreamingChild) {
    this.child = child;
    child.stdout.on('data', (chunk: Buffer) => {
      if (this.text.length < MOST_BYTES) this.text += chunk.toString('utf8');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (this.errors.length < MOST_BYTES) this.errors += chunk.toString('utf8');
    });
    void child.ended.then(() => {
      this.isOver = true;
    });
  }
}
