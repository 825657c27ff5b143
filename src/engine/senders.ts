import type { SiblingControl } from '../model/controls.js';
import type { InboundWish } from '../model/inbound.js';
import type { NetnsRef } from '../model/netns.js';
import type { ProbeResult } from '../model/probe.js';
import { createToken, probe, probeControl } from '../probe/probe.js';
import type { ProbeOptions } from '../probe/result.js';
import { probeSizeFor } from '../witness/lengths.js';
import { awaitConnections } from './connections.js';
import type { EarlyEnd } from './early-end.js';
import type { Observation } from './observation.js';
import { asControl, type TracePlan } from './plan.js';

/** Waits for connections of others in place of a probe. */
export const waitForOthers = async (
  { discovery: { flow, path }, captures, probe: { timeoutMs } }: TracePlan,
  { waitMs }: InboundWish,
  signal: AbortSignal,
  { arrived }: Observation,
): Promise<readonly [ProbeResult, null]> => {
  const command = captures[0]?.argv ?? [];
  return [await awaitConnections({ flow, path, waitMs, answerMs: timeoutMs, command, signal, arrived }), null];
};

/** Sends the probe and its control from the host. @param onResult told what the probe brought, which the control may outlast */
export const sendProbes = (
  plan: TracePlan,
  sender: NetnsRef,
  options: Pick<ProbeOptions, 'signal' | 'run'>,
  early: EarlyEnd,
  onResult: (result: ProbeResult) => void,
): Promise<readonly [ProbeResult, ProbeResult | null]> => {
  const { flow } = plan.discovery;
  const { control } = plan;
  const common = { ...options, enough: early.signal };
  return Promise.all([
    probe(sender, flow, plan.probe, plan.token, { ...common, onStart: (pid) => early.sentBy(pid) }).then((result) => {
      onResult(result);
      return result;
    }),
    control ? probeControl(control.netns, flow, control.probe, control.token, common) : Promise.resolve(null),
  ]);
};

/** Sends the same from another container, where the user allows it. */
export const sendSibling = async (
  { sibling, probe: settings }: TracePlan,
  signal: AbortSignal,
  early: EarlyEnd,
): Promise<SiblingControl | null> => {
  if (!sibling) return null;
  const { netns, flow, name } = sibling;
  const size = flow.dns ? settings.size : probeSizeFor(flow, settings.size);
  const result = await probe(netns, flow, { ...asControl(settings), size, source: null }, createToken(), {
    signal,
    enough: early.signal,
  });
  return { name, probe: result };
};
