import type { Flow } from '../model/flow.js';
import type { NetnsRef } from '../model/netns.js';
import { headerBytes, type ProbeResult, type ProbeSettings } from '../model/probe.js';
import { icmpCommand, probeIcmp } from './icmp.js';
import type { ProbeOptions } from './result.js';

/** Lengths of IP packets that the links of real paths allow: PPPoE, tunnels, IPv6's minimum, and IPv4's. */
const COMMON_MTUS = [1492, 1480, 1460, 1450, 1440, 1420, 1400, 1380, 1350, 1300, 1280, 1200, 1000, 576];

/** Further full-size packets where the first was lost. */
const RETRIES = 3;

/** Below it an IPv6 link cannot be. @see RFC 8200 §5 */
const IPV6_MINIMUM = 1280;

/** What is sent to find out whether full-size packets pass. */
export interface FullSizePlan {
  /** The flow of the echo requests: that of the trace, as ICMP. */
  readonly flow: Flow;
  /** Length of the IP packet in bytes. */
  readonly bytes: number;
  readonly settings: ProbeSettings;
  readonly token: string;
  /** Small echoes beside it; `null` where the trace itself sends such. */
  readonly control: { readonly settings: ProbeSettings; readonly token: string } | null;
  /** Of the smaller packets, which no capture has to show. */
  readonly smallerToken: string;
}

export interface FullSizeAnswers {
  readonly probe: ProbeResult;
  readonly control: ProbeResult | null;
  readonly passes?: number | null;
}

/** The command of the full-size packet. */
export const fullSizeCommand = (netns: NetnsRef, plan: FullSizePlan): readonly string[] =>
  icmpCommand(netns, plan.flow, plan.settings, plan.token);

/**
 * Sends one full-size packet; where silence is the answer, three more together with smaller ones, so that lost packets are
 * not taken for a limit and the limit is known. Never rejects.
 */
export const probeFullSize = async (
  netns: NetnsRef,
  plan: FullSizePlan,
  { run, ...options }: ProbeOptions,
): Promise<FullSizeAnswers> => {
  const { flow, settings, token, smallerToken } = plan;
  const [probe, control] = await Promise.all([
    probeIcmp(netns, flow, settings, token, { ...options, run }),
    plan.control ? probeIcmp(netns, flow, plan.control.settings, plan.control.token, options) : null,
  ]);
  const isSilent = probe.answers.some(({ outcome }) => outcome === 'timeout');
  if (!isSilent || probe.failure !== null || control?.answered === 0) return { probe, control };
  const smaller = smallerLengths(plan);
  const [again, ...answers] = await Promise.all([
    probeIcmp(netns, flow, { ...settings, count: RETRIES }, smallerToken, options),
    ...smaller.map((bytes) =>
      probeIcmp(netns, flow, { ...settings, size: bytes - headerBytes(flow.family) }, smallerToken, options),
    ),
  ]);
  if (again.answered > 0) return { probe: again, control };
  const passing = answers.map(({ answered }) => answered > 0);
  return { probe, control, passes: limitOf(smaller, passing) };
};

/**
 * The largest length that passes, where every smaller one does too; `null` where none does, or one between: then packets
 * are lost for another reason than their size.
 * @param lengths the largest first
 */
export const limitOf = (lengths: readonly number[], passing: readonly boolean[]): number | null => {
  const first = passing.indexOf(true);
  return first >= 0 && passing.slice(first).every(Boolean) ? (lengths[first] ?? null) : null;
};

const smallerLengths = ({ bytes, flow }: FullSizePlan): readonly number[] =>
  COMMON_MTUS.filter((length) => length < bytes && (flow.family === 4 || length >= IPV6_MINIMUM));
