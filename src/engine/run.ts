import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { sequencesOf, toSightings } from '../capture/sightings.js';
import { type Captured, startTaps } from '../capture/taps.js';
import { askRoutes } from '../collect/ask-routes.js';
import { discoverTopology, resolveTarget } from '../discover/index.js';
import { hostFacts } from '../host/proc.js';
import type { Evidence } from '../model/evidence.js';
import type { NetnsId } from '../model/netns.js';
import type { Sighting } from '../model/packet.js';
import type { ProbeResult } from '../model/probe.js';
import type { Run, RunEvent, RunPhase } from '../model/run.js';
import type { TraceSettings } from '../model/settings.js';
import type { NetnsState } from '../model/state.js';
import type { Target } from '../model/target.js';
import { probe, probeControl } from '../probe/probe.js';
import { Arrivals } from './arrivals.js';
import { changesBetween } from './changes.js';
import { diagnose } from './diagnose.js';
import { document } from './document.js';
import { limitsOf } from './limits.js';
import { announcements, planTrace, type TracePlan, targetOf } from './plan.js';
import { requireRunnable, requireTcpdump } from './preconditions.js';
import { resolveRequest } from './request.js';
import { readAgain, SlowReads, statesBefore } from './snapshot.js';
import { Stopwatch } from './stopwatch.js';

/** Milliseconds after the last probe when the second snapshot begins, although answers may still be awaited. */
const SNAPSHOT_AFTER_MS = 500;

type StatesAgain = Readonly<Record<NetnsId, Partial<NetnsState>>>;

/**
 * One trace: find the path, start the captures, send the probe, read what it moved, and diagnose. Tells what it does in
 * events and ends with the run document. What it started has ended when it returns or throws.
 * @throws KnownError for what the user can mend
 */
export async function* run(
  settings: TraceSettings,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<RunEvent, Run> {
  const watch = new Stopwatch();
  const stop = new AbortController();
  const within = AbortSignal.any([signal, stop.signal]);
  setMaxListeners(0, within);
  const phase = (name: RunPhase): RunEvent => ({ type: 'phase', phase: name, ms: watch.begin(name) });
  let gone: Promise<unknown> = Promise.resolve();
  try {
    yield phase('resolve');
    const target = await resolveTarget(settings.target, { signal: within });
    yield { type: 'target', target };
    const { request, asked: query } = await resolveRequest(settings, target, within);
    if (query) yield { type: 'announce', what: "ask the container's resolvers", command: query };

    yield phase('discover');
    const slow = new SlowReads(request.family, { signal: within, pid: target.pid });
    const discovery = await discoverTopology(target, request, {
      signal: within,
      onNetns: (netns) => slow.begin(netns),
    });
    yield { type: 'path', path: discovery.path, flow: discovery.flow };
    const plan = planTrace(settings, discovery, within);
    yield* announcements(plan);
    if (settings.dryRun) {
      const evidence = evidenceOf(target, plan, { before: await statesBefore(plan.discovery, slow, plan.collect) });
      return document(settings, watch, evidence, diagnose(evidence));
    }

    yield phase('listen');
    const arrivals = new Arrivals(plan);
    const [taps, asked, before] = await Promise.all([
      startTaps(plan.captures, {
        startedNs: watch.startedNs,
        token: plan.token,
        signal: within,
        onPacket: (hop, packet) => arrivals.note(hop, packet),
      }),
      askRoutes(plan.questions, within),
      statesBefore(plan.discovery, slow, plan.collect),
    ]);
    gone = taps.gone;

    yield phase('probe');
    const sent = sendProbes(plan, within);
    const again = Promise.race([sent, later(plan, within)]).then((results) =>
      results && isAllAnswered(results[0]) ? {} : statesAfter(plan, within),
    );
    const [result, control] = await sent;
    signal.throwIfAborted();
    requireRunnable(target, result);
    yield { type: 'probe', result, from: 'target' };
    if (control) yield { type: 'probe', result: control, from: 'host' };

    yield phase('settle');
    await taps.settle(() => isAllAnswered(result) && arrivals.areComplete);
    const [captured, after] = await Promise.all([taps.stop(), again]);
    signal.throwIfAborted();
    requireTcpdump(captured.reports);
    const sightings = sightingsOf(plan, captured, result);
    for (const sighting of sightings) yield { type: 'sighting', sighting };

    yield phase('diagnose');
    const evidence = evidenceOf(target, plan, {
      before,
      after,
      asked,
      captures: captured.reports,
      sightings,
      probe: result,
      control,
    });
    for (const limit of evidence.limits) yield { type: 'limit', limit };
    const diagnosis = diagnose(evidence);
    yield { type: 'diagnosis', diagnosis };
    return document(settings, watch, evidence, diagnosis);
  } finally {
    stop.abort();
    await gone;
  }
}

const statesAfter = async (plan: TracePlan, signal: AbortSignal): Promise<StatesAgain> => {
  const options = { ...plan.collect, signal };
  const read = await Promise.all(plan.discovery.netns.map((place) => readAgain(place, options)));
  return Object.fromEntries(plan.discovery.netns.map((place, index) => [place.id, read[index] ?? {}]));
};

const sendProbes = (plan: TracePlan, signal: AbortSignal): Promise<readonly [ProbeResult, ProbeResult | null]> => {
  const { flow } = plan.discovery;
  const { control } = plan;
  return Promise.all([
    probe(targetOf(plan), flow, plan.probe, plan.token, { signal }),
    control ? probeControl(control.netns, flow, plan.probe, control.token, { signal }) : Promise.resolve(null),
  ]);
};

const later = async (plan: TracePlan, signal: AbortSignal): Promise<null> => {
  const { count, intervalMs, timeoutMs } = plan.probe;
  await sleep(count * intervalMs + Math.min(SNAPSHOT_AFTER_MS, timeoutMs), undefined, { signal, ref: false }).catch(
    () => {},
  );
  return null;
};

const isAllAnswered = (result: ProbeResult): boolean => result.sent > 0 && result.answered >= result.sent;

const sightingsOf = (plan: TracePlan, captured: Captured, result: ProbeResult): readonly Sighting[] => {
  const { flow, topology } = plan.discovery;
  const facts = {
    token: result.token,
    bySequence: sequencesOf(result, captured.packets),
    own: topology.netns.flatMap(({ addresses }) => addresses.map(({ local }) => local)),
  };
  return [...captured.packets].flatMap(([hop, packets]) => toSightings(hop, packets, flow, facts));
};

const NOTHING: Pick<Evidence, 'after' | 'asked' | 'captures' | 'sightings' | 'probe' | 'control'> = {
  after: {},
  asked: [],
  captures: [],
  sightings: [],
  probe: null,
  control: null,
};

const evidenceOf = (
  target: Target,
  plan: TracePlan,
  observed: Pick<Evidence, 'before'> & Partial<typeof NOTHING>,
): Evidence => {
  const { netns, path, flow } = plan.discovery;
  const all = { ...NOTHING, ...observed };
  return {
    ...hostFacts(),
    target,
    flow,
    netns,
    path,
    probeSettings: plan.probe,
    ...all,
    kernelDrops: [],
    changes: changesBetween(all.before, all.after, flow, path),
    limits: limitsOf(netns, path, all.before, all.after, all.captures),
  };
};
