import { toSightings } from '../capture/sightings.js';
import type { Captured } from '../capture/taps.js';
import type { FullSize } from '../model/full-size.js';
import type { ProbeResult } from '../model/probe.js';
import { type FullSizeAnswers, probeFullSize } from '../probe/full-size.js';
import type { ProbeOptions } from '../probe/result.js';
import type { TracePlan } from './plan.js';
import { isAnswered } from './seen.js';

/** What the full-size packet met; `null` where none is sent, since it would say nothing: the probe was not answered. */
export const sendFullSize = async (
  plan: TracePlan,
  result: ProbeResult,
  options: ProbeOptions,
): Promise<FullSizeAnswers | null> =>
  plan.fullSize && plan.sender && result.answers.every(isAnswered)
    ? probeFullSize(plan.sender, plan.fullSize, options)
    : null;

/** Whether nothing came back for the full-size packet, so that the state has to be read again. */
export const isSilent = (answers: FullSizeAnswers | null): boolean =>
  answers?.probe.answers.some(({ outcome }) => outcome === 'timeout') ?? false;

/** What is kept of it. */
export const fullSizeFrom = (plan: TracePlan, answers: FullSizeAnswers | null, captured: Captured): FullSize | null => {
  if (answers === null || plan.fullSize === null) return null;
  const { bytes, flow, token } = plan.fullSize;
  const facts = { token, bySequence: new Map(), own: [] };
  return {
    bytes,
    ...answers,
    sightings: [...captured.packets].flatMap(([hop, packets]) => toSightings(hop, packets, flow, facts)),
  };
};
