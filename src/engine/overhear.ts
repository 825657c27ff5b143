import { setTimeout as sleep } from 'node:timers/promises';
import { planDeviceCaptures } from '../capture/plan.js';
import { startTaps } from '../capture/taps.js';
import { collectNetns } from '../collect/index.js';
import { canBecomeNobody } from '../host/identity.js';
import { runCommand } from '../host/run-command.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { NetnsRef } from '../model/netns.js';
import type { Packet } from '../model/packet.js';
import type { RunEvent } from '../model/run.js';
import type { Target } from '../model/target.js';
import type { TrafficEvidence } from '../model/traffic.js';
import { type Conversation, conversationsIn } from './conversations.js';
import { requireTcpdump } from './preconditions.js';
import type { FoundFlow } from './traffic-flow.js';

/** Traffic of the container, found. */
export interface Found extends FoundFlow {
  readonly evidence: TrafficEvidence;
  /** `performance.now()` until which more of it may be waited for. */
  readonly deadline: number;
  /** The connection's own timer decides how long; `deadline` is then what it was when it was found. */
  readonly byTimer: boolean;
}

export interface FindOptions {
  readonly startedNs: bigint;
  readonly signal: AbortSignal;
}

const POLL_MS = 40;
/** From the first packet on, so that an answer has its time and other flows show. */
const GATHER_MS = 450;
/** The following of what is found begins after this time, and takes as long as a trace. */
const SPARE_S = 5;

/** The command that says whether the kernel's packet filter takes it; in a namespace without a network, where no name is asked for. */
export const filterCommand = (filter: string): readonly string[] => [
  'unshare',
  ...(canBecomeNobody() ? ['--net'] : ['--map-root-user', '--net']),
  'tcpdump',
  '-d',
  '-y',
  'EN10MB',
  filter,
];

/** @throws KnownError for a filter that tcpdump does not take */
export const requireFilter = async (filter: string, signal: AbortSignal): Promise<void> => {
  const checked = await runCommand(filterCommand(filter), { signal });
  if (checked.failure === null) return;
  if (checked.failure === 'missing-tool' || /failed to execute/.test(checked.stderr))
    throw new KnownError('tcpdump is not installed', {
      exitCode: EXIT.missingProgram,
      hint: 'apt-get install tcpdump util-linux',
    });
  const [line = 'tcpdump does not take it'] = checked.stderr.split('\n').filter((text) => text !== '');
  throw new KnownError(`${JSON.stringify(filter)} is no capture filter: ${line.replace(/^tcpdump: /, '')}`, {
    exitCode: EXIT.usage,
    hint: "for example 'tcp port 443' or 'host 203.0.113.5 and udp'; see man pcap-filter",
  });
};

/**
 * Listens at the container's own devices until it speaks, and picks the flow that waits for an answer, else the busiest.
 * Sends nothing.
 * @throws KnownError for a filter that is none, and where nothing of the container is seen in time
 */
export async function* overhear(
  { filter, waitMs }: { readonly filter: string; readonly waitMs: number },
  target: Target,
  netns: NetnsRef,
  { startedNs, signal }: FindOptions,
): AsyncGenerator<RunEvent, Found> {
  await requireFilter(filter, signal);
  const { devices, own, sockets } = await readContainer(netns, target, signal);
  const plans = planDeviceCaptures(netns, devices, filter, {
    asNobody: canBecomeNobody(),
    maxSeconds: Math.ceil(waitMs / 1000) + SPARE_S,
  });
  for (const { ifname, argv } of plans) yield { type: 'announce', what: `listen on ${ifname}`, command: argv };
  const packets: Packet[] = [];
  const taps = await startTaps(plans, {
    startedNs,
    token: null,
    payloads: true,
    signal,
    onPacket: (_hop, packet) => packets.push(packet),
  });
  const deadline = performance.now() + waitMs;
  yield {
    type: 'wait',
    place: `traffic of ${target.name} that matches ${JSON.stringify(filter)}`,
    ms: waitMs,
    traffic: true,
  };
  let flows: readonly Conversation[] = [];
  let firstAt: number | null = null;
  try {
    while (!signal.aborted) {
      const now = Number(BigInt(Date.now()) * 1_000_000n - startedNs);
      flows = conversationsIn(packets, { own, sockets, now });
      if (flows.length > 0) firstAt ??= performance.now();
      if (firstAt !== null && performance.now() - firstAt >= GATHER_MS) break;
      if (firstAt === null && performance.now() >= deadline) break;
      await sleep(POLL_MS, undefined, { signal }).catch(() => {});
    }
  } finally {
    requireTcpdump((await taps.stop()).reports);
    await taps.gone;
  }
  signal.throwIfAborted();
  const [chosen] = flows;
  if (!chosen) throw nothingSeen(filter, waitMs, devices, target, packets.length);
  const evidence = { filter, flows: flows.map(({ found }) => found.seen) };
  return { ...chosen.found, evidence, deadline, byTimer: false };
}

const readContainer = async (netns: NetnsRef, target: Target, signal: AbortSignal) => {
  const pending = collectNetns(netns, ['links', 'addresses', 'sockets'], { signal });
  const [links, addresses, sockets] = await Promise.all([pending.links, pending.addresses, pending.sockets]);
  const devices = links.ok
    ? links.value.filter(({ flags }) => flags.includes('UP') && !flags.includes('LOOPBACK')).map(({ ifname }) => ifname)
    : [];
  if (devices.length === 0)
    throw new KnownError(`${target.name} has no device that is up: it can send nothing that could be followed`, {
      exitCode: EXIT.inconclusive,
      hint: `vethoscope trace ${target.spelled} DESTINATION`,
    });
  return {
    devices,
    own: addresses.ok ? addresses.value.map(({ local }) => local) : [],
    sockets: sockets.ok ? sockets.value : [],
  };
};

const nothingSeen = (
  filter: string,
  waitMs: number,
  devices: readonly string[],
  target: Target,
  others: number,
): KnownError => {
  const text = JSON.stringify(filter);
  const where = devices.join(', ');
  const seconds = waitMs / 1000;
  return others > 0
    ? new KnownError(
        `what matches ${text} came in on ${where} within ${seconds} s, and ${target.name} answered nothing`,
        {
          exitCode: EXIT.inconclusive,
          hint: `vethoscope trace ${target.spelled} tcp://ADDRESS:PORT --inbound`,
        },
      )
    : new KnownError(`nothing of ${target.name} that matches ${text} left by ${where} within ${seconds} s`, {
        exitCode: EXIT.inconclusive,
        hint: `longer: --wait 2m; what its own rules or a missing neighbour hold back shows with a probe: vethoscope trace ${target.spelled} DESTINATION`,
      });
};
