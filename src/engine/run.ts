import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownFrames } from '../capture/own-frames.js';
import { toSightings } from '../capture/sightings.js';
import type { Captured } from '../capture/taps.js';
import { askRoutes } from '../collect/ask-routes.js';
import { collectContainerNetworks, networksCommand } from '../collect/container-networks.js';
import { readDeviceManagers } from '../collect/device-managers.js';
import { readProcessContext } from '../collect/process-context.js';
import { readSysctlFiles } from '../collect/sysctl-files.js';
import { readTimeline, timelineCommand } from '../collect/timeline.js';
import {
  type Discovery,
  discoverInbound,
  discoverTopology,
  resolveTarget,
  withUserSpaceNote,
} from '../discover/index.js';
import { CommandBatch, type CommandRunner } from '../host/command-batch.js';
import type { InboundWish } from '../model/inbound.js';
import type { NetnsId } from '../model/netns.js';
import type { Sighting } from '../model/packet.js';
import type { ProbeResult } from '../model/probe.js';
import type { Run, RunEvent, RunPhase } from '../model/run.js';
import type { TraceSettings } from '../model/settings.js';
import type { NetnsState } from '../model/state.js';
import type { FullSizeAnswers } from '../probe/full-size.js';
import { toKernelDrops } from '../witness/kernel-drops.js';
import { toKernelSightings } from '../witness/kernel-sightings.js';
import { type NoWitness, type PreparedWitness, prepareWitness } from '../witness/start-witness.js';
import { document } from './document.js';
import { evidenceOf } from './evidence-of.js';
import { findTraffic, readTracked, translatedEnds, withTracked } from './find-traffic.js';
import { trafficOf, watchTraffic } from './follow-traffic.js';
import { fullSizeFrom, isSilent, sendFullSize } from './full-size.js';
import { senderGroup } from './in-cgroup.js';
import { familyOfPlace, inboundPlan, isInbound, isOnItsSide } from './inbound.js';
import { startObservation } from './observation.js';
import { allStates, findPeer, linksIn, netnsOf, peerEvidence, watchPeer } from './peer.js';
import { announcements, planTrace, type TracePlan } from './plan.js';
import { requireRunnable, requireTcpdump } from './preconditions.js';
import { probeFacts } from './probe-facts.js';
import { chosenPort, resolveRequest } from './request.js';
import { sendProbes, sendSibling, waitForOthers } from './senders.js';
import { askServer, serverAnnouncements } from './server-control.js';
import { findSibling } from './sibling.js';
import { devicesOf, readAgain, SlowReads } from './snapshot.js';
import { Stopwatch } from './stopwatch.js';
import { startRuleTraces, traceRulesAnnouncements } from './trace-rules.js';

/** A dry run asks the kernel nothing. */
const noWitness: Promise<NoWitness> = Promise.resolve({
  unavailable: { what: 'kernel drop events', why: 'a dry run asks for none', install: null },
});

/** What is asked of a flow that comes in where nothing is said of its client. */
const ANYONE: InboundWish = { simulate: null, waitMs: 30_000 };

/** Milliseconds after the last probe when the second snapshot begins, although answers may still be awaited. */
const SNAPSHOT_AFTER_MS = 500;

/** Milliseconds in which nothing else is begun, so that an answer that comes at once is not held up. */
const AT_ONCE_MS = 10;

/** Probes whose loss is no share: it is not counted, only seen. */
const FEW_PROBES = 3;

/** With a reason no error is made, which takes some milliseconds. */
const OVER = 'the run is over';

type StatesAgain = Readonly<Record<NetnsId, Partial<NetnsState>>>;

export interface RunOptions {
  readonly signal: AbortSignal;
  /** Settles when no other probes are under way, which what is read and counted would mix with its own. */
  readonly turn?: Promise<void>;
  /** Given the finished document while what the run started is being taken away, which the kernel needs some 40 ms for. */
  readonly onDocument?: ((run: Run) => void) | undefined;
}

/**
 * One trace: find the path, start the captures, send the probe, read what it moved, and diagnose. Tells what it does in
 * events and ends with the run document. What it started has ended when it returns or throws.
 * @throws KnownError for what the user can mend
 */
export async function* run(
  settings: TraceSettings,
  { signal, turn = Promise.resolve(), onDocument }: RunOptions,
): AsyncGenerator<RunEvent, Run> {
  const watch = new Stopwatch();
  const stop = new AbortController();
  const within = AbortSignal.any([signal, stop.signal]);
  setMaxListeners(0, within);
  const phase = (name: RunPhase): RunEvent => ({ type: 'phase', phase: name, ms: watch.begin(name) });
  const commands = new CommandBatch(1, 2);
  let preparing: Promise<PreparedWitness | NoWitness> = noWitness;
  let gone: Promise<unknown> = Promise.resolve();
  let networks: ReturnType<typeof collectContainerNetworks> = Promise.resolve(null);
  try {
    yield phase('resolve');
    const target = await resolveTarget(settings.target, { signal: within });
    yield { type: 'target', target };
    const controlGroup = settings.inCgroup ? senderGroup(target) : undefined;
    const networksAsked = networksCommand(target);
    if (networksAsked)
      yield { type: 'announce', what: `ask ${target.kind} how it configured these networks`, command: networksAsked };
    if (!settings.dryRun) networks = collectContainerNetworks(target, within);
    const wish = settings.inbound;
    const found = settings.traffic
      ? yield* findTraffic(settings, settings.traffic, target, { startedNs: watch.startedNs, signal: within })
      : null;
    const resolved = wish ? null : found ? { ...found, asked: null } : await resolveRequest(settings, target, within);
    if (resolved?.asked) yield { type: 'announce', what: "ask the container's resolvers", command: resolved.asked };

    if (!settings.dryRun) preparing = prepareWitness(within);
    const unitsAsked = timelineCommand();
    if (unitsAsked) yield { type: 'announce', what: 'ask systemd when its units were started', command: unitsAsked };
    yield phase('discover');
    const family = resolved?.request.family ?? familyOfPlace(settings.destination);
    const slow = new SlowReads(family, turn, { run: commands.runBeside, signal: within, pid: target.pid });
    const options = { run: commands.run, signal: within, onNetns: slow.begin };
    const discovered: Discovery = resolved
      ? await discoverTopology(target, resolved.request, options)
      : await discoverInbound(target, settings.destination, wish ?? ANYONE, options);
    const under = found ? found.under : chosenPort(settings, discovered.flow);
    const discovery = { ...discovered, flow: { ...discovered.flow, ...under } };
    yield { type: 'path', path: discovery.path, flow: discovery.flow };
    const inbound = isInbound(discovery) ? await inboundPlan(discovery, slow) : null;
    const tracked = await readTracked(discovery, { run: commands.run, signal: within });
    const ends = found ? translatedEnds(tracked, discovery.flow) : inbound;
    const plan = planTrace(settings, discovery, { run: commands.run, signal: within }, ends, {
      found,
      sibling:
        resolved && settings.controlSibling !== undefined
          ? await findSibling(settings.controlSibling, target, discovery, resolved.request, within)
          : null,
      peer: settings.peer === undefined ? null : await findPeer(settings.peer, discovery, options),
      ...(controlGroup === undefined ? {} : { controlGroup }),
    });
    yield* announcements(plan);
    yield* serverAnnouncements(plan);
    if (settings.traceRules) yield* traceRulesAnnouncements(plan);
    if (settings.dryRun) {
      const evidence = evidenceOf(withUserSpaceNote(target, discovery.topology), plan, {
        before: await allStates(plan, slow),
      });
      const { diagnose } = await import('./after-probe.js');
      return document(settings, watch, evidence, diagnose(evidence));
    }

    yield phase('listen');
    // TCP bears no token by which it is told from the probes of another round.
    if (plan.probe.protocol === 'tcp') await turn;
    const [observation, asked, read, peerTaps] = await Promise.all([
      startObservation(plan, preparing, watch.startedNs, within),
      askRoutes(plan.questions, plan.collect),
      turn.then(() => allStates(plan, slow)),
      watchPeer(plan, watch.startedNs, within),
    ]);
    gone = Promise.all([observation.gone, peerTaps?.gone]);
    const before = withTracked(read, tracked);
    const rules = settings.traceRules ? await startRuleTraces(plan, within) : null;
    if (rules) gone = Promise.all([gone, rules.gone]);

    yield phase('probe');
    let traffic = found?.evidence;
    if (wish && !plan.sender) yield { type: 'wait', place: discovery.flow.destinationText, ms: wish.waitMs };
    const { early } = observation;
    const siblings = sendSibling(plan, within, early);
    const how = { signal: within, run: commands.run };
    let full: Promise<FullSizeAnswers | null> = Promise.resolve(null);
    const follow = (result: ProbeResult): void => {
      full = sendFullSize(plan, result, how);
      if (isAllAnswered(result)) observation.endWitness();
    };
    const sent = plan.sender
      ? sendProbes(plan, plan.sender, how, early, follow)
      : found
        ? watchTraffic(plan, found, observation.packets, within).then((watched) => {
            traffic = watched.traffic;
            return [watched.result, null] as const;
          })
        : waitForOthers(plan, wish ?? ANYONE, within, observation);
    let answersAreIn: () => void = () => {};
    const answeredOrLate = new Promise<void>((resolve) => {
      answersAreIn = resolve;
      setTimeout(resolve, AT_ONCE_MS).unref();
    });
    const loading = answeredOrLate.then(() => import('./after-probe.js'));
    const files = answeredOrLate.then(() => readSysctlFiles());
    const timeline = files.then((lines) => readTimeline(target, lines, within));
    const again = Promise.race([sent, early.isBlind ? early.told.then(() => null) : later(plan, within)]).then(
      (results) => (results && isAllAnswered(results[0]) ? {} : statesAfter(plan, commands.runBeside)),
    );
    early.confirm(async (word) => {
      const [{ diagnose }, after] = await Promise.all([loading, again]);
      return diagnose(evidenceOf(target, plan, { before, after, asked, ...word })).confidence === 'certain';
    });
    for await (const sighting of observation.until(sent)) yield { type: 'arrival', sighting };
    const [result, control] = await sent;
    signal.throwIfAborted();
    requireRunnable(target, result);
    yield { type: 'probe', result, from: 'target' };
    if (control) yield { type: 'probe', result: control, from: 'host' };

    const sibling = await siblings;
    const sending = Promise.all([full, askServer(plan, result, control, within)]);
    for await (const sighting of observation.until(sending)) yield { type: 'arrival', sighting };
    const [answers, server] = await sending;

    yield phase('settle');
    const settled = observation.settle(result);
    for await (const sighting of observation.until(settled)) yield { type: 'arrival', sighting };
    await settled;
    const stopped = observation.stop();
    answersAreIn();
    const [{ captured, witnessed, limits }, after, containerNetworks, ruleTrace, atPeer, ownProcess, deviceManagers] =
      await Promise.all([
        stopped,
        isSilent(answers) || early.isDoubted ? statesAfter(plan, commands.runBeside) : again,
        networks,
        rules?.stop(before),
        peerTaps?.stop(),
        readProcessContext(target.pid, discovery.flow),
        readDeviceManagers(before['host']?.links.ok ? before['host'].links.value : []),
      ]);
    signal.throwIfAborted();
    void commands.close();
    // What others send is seen by a capture or not at all.
    if (!plan.sender) requireTcpdump(captured.reports);
    const sightings = sightingsOf(plan, captured, result);
    for (const sighting of sightings) yield { type: 'sighting', sighting };

    const fullSize = fullSizeFrom(plan, answers, captured);
    const seenBy = { path: discovery.path, probe: result, startedNs: watch.startedNs };
    const kernelSeen = witnessed && toKernelSightings(witnessed, seenBy);

    yield phase('diagnose');
    const { diagnose, untracedRules, withoutCopies } = await loading;
    const evidence = evidenceOf(withUserSpaceNote(target, discovery.topology), plan, {
      before,
      after,
      asked,
      captures: captured.reports,
      sightings,
      frames: ownFrames(captured, sightings),
      probe: result,
      control,
      ...(sibling ? { sibling } : {}),
      ...(plan.peer ? { peer: peerEvidence(plan.peer, plan, { there: atPeer, here: captured }, result) } : {}),
      ...(server ? { server } : {}),
      ...(kernelSeen ? { kernelSeen } : {}),
      kernelDrops: witnessed
        ? withoutCopies(
            toKernelDrops(witnessed, {
              path: discovery.path,
              sightings,
              captures: captured.reports,
              probe: result,
              startedNs: watch.startedNs,
            }),
            { before },
          )
        : [],
      limits: [...limits, ...(rules ? [...rules.limits, ...untracedRules(netnsOf(plan), before, family)] : [])],
      ...(ruleTrace ? { ruleTrace } : {}),
      ...(containerNetworks ? { containerNetworks } : {}),
      ...(fullSize ? { fullSize } : {}),
      ...(ownProcess ? { process: ownProcess } : {}),
      ...(traffic ? { traffic } : {}),
      sysctlFiles: await files,
      timeline: await timeline,
      deviceManagers,
    });
    for (const limit of evidence.limits) yield { type: 'limit', limit };
    const diagnosis = diagnose(evidence);
    yield { type: 'diagnosis', diagnosis };
    const changes = (rules?.changes ?? 0) + (controlGroup === undefined ? 0 : 1);
    const ended = document(settings, watch, evidence, diagnosis, changes);
    stop.abort(OVER);
    onDocument?.(ended);
    return ended;
  } finally {
    stop.abort(OVER);
    const prepared = await preparing;
    await Promise.all([gone, networks, commands.close(), 'unavailable' in prepared ? null : prepared.gone]);
  }
}

const statesAfter = async (plan: TracePlan, run: CommandRunner): Promise<StatesAgain> => {
  const places = netnsOf(plan);
  const read = await Promise.all(
    places.map((place) => readAgain(place, { ...plan.collect, ...devicesOf(linksIn(plan, place)), run })),
  );
  return Object.fromEntries(places.map((place, index) => [place.id, read[index] ?? {}]));
};

/** Nobody knows when others connect, and of many probes each counts: what they moved is read when they have ended. */
const later = async (plan: TracePlan, signal: AbortSignal): Promise<null> => {
  const { count, intervalMs, timeoutMs } = plan.probe;
  if (!plan.sender || count > FEW_PROBES) return new Promise(() => {});
  await sleep(count * intervalMs + Math.min(SNAPSHOT_AFTER_MS, timeoutMs), undefined, { signal, ref: false }).catch(
    () => {},
  );
  return null;
};

/** A refusal may come from a firewall on the way, so it settles nothing yet. */
const isAllAnswered = ({ answers }: ProbeResult): boolean =>
  answers.length > 0 && answers.every(({ outcome }) => outcome === 'answered');

const sightingsOf = (plan: TracePlan, captured: Captured, result: ProbeResult): readonly Sighting[] => {
  const { flow } = plan.discovery;
  if (plan.found) return trafficOf(plan, plan.found, captured.packets, result.answers.length).sightings;
  const facts = probeFacts(plan, captured, result);
  const all = [...captured.packets].flatMap(([hop, packets]) => toSightings(hop, packets, flow, facts));
  const { discovery } = plan;
  return isInbound(discovery) ? all.filter((sighting) => isOnItsSide(sighting, discovery)) : all;
};
