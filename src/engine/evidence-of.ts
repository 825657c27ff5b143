import { hostFacts } from '../host/proc.js';
import type { Evidence } from '../model/evidence.js';
import type { Target } from '../model/target.js';
import { changesBetween } from './changes.js';
import { isInbound } from './inbound.js';
import { limitsOf } from './limits.js';
import { netnsOf } from './peer.js';
import type { TracePlan } from './plan.js';

const NOTHING: Pick<
  Evidence,
  'after' | 'asked' | 'captures' | 'sightings' | 'frames' | 'probe' | 'control' | 'kernelDrops' | 'limits'
> = {
  after: {},
  asked: [],
  captures: [],
  sightings: [],
  frames: [],
  probe: null,
  control: null,
  kernelDrops: [],
  limits: [],
};

/** The evidence of a run from what was observed; what was not is empty. */
export const evidenceOf = (
  target: Target,
  plan: TracePlan,
  observed: Pick<Evidence, 'before'> & Partial<Evidence>,
): Evidence => {
  const { path, flow } = plan.discovery;
  const netns = netnsOf(plan);
  const inbound = isInbound(plan.discovery) ? { inbound: plan.discovery.inbound } : {};
  const all = { ...NOTHING, ...observed };
  const hops = { ...path, hops: [...path.hops, ...(plan.peer?.hops ?? [])] };
  const captures = [...all.captures, ...(all.peer?.captures ?? [])];
  return {
    ...hostFacts(),
    target,
    flow,
    ...inbound,
    netns,
    path,
    probeSettings: plan.probe,
    ...all,
    changes: changesBetween(all.before, all.after, flow, path),
    limits: [...limitsOf(netns, hops, all.before, all.after, captures), ...all.limits],
  };
};
