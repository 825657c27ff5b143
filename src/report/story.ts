import type { Way } from '../model/flow.js';
import { refusedIn } from '../model/probe.js';
import type { Run } from '../model/run.js';
import { hopById, hopPhrase, isOwnProcess, netnsTitle, plural, probeWords, rootOf, stageWords } from './facts.js';

/** What happened, in three plain sentences: what was tried, where it ends, and why. */
export const story = (run: Run): readonly [string, string, string] => [tried(run), where(run), why(run)];

const tried = (run: Run): string => {
  const { probe, flow, target } = run;
  if (probe?.isOwnTraffic && probe.sent > 0)
    return `${plural(probe.sent, 'packet')} that ${target.name} sent to ${flow.destinationText} (${probeWords(run)}) ${probe.sent === 1 ? 'was' : 'were'} followed, without a probe, and ${probe.answered - refusedIn(probe)} of them answered${refusedIn(probe) > 0 ? `, ${refusedIn(probe)} refused` : ''}.`;
  if (probe?.isOwnTraffic) return `No packet of ${target.name} could be followed: ${probe.failure ?? 'none was seen'}.`;
  if (!probe) return `No probe was sent from ${target.name} to ${flow.destinationText}.`;
  if (probe.failure !== null)
    return `The probe from ${target.name} to ${flow.destinationText} could not run: ${probe.failure}.`;
  const sent = `${target.name} sent ${plural(probe.sent, 'probe')} (${probeWords(run)}) to ${flow.destinationText}`;
  if (probe.localError !== null) return `${sent}, and its own system refused: ${probe.localError}.`;
  if (probe.answered === 0) return `${sent}, and none was answered.`;
  const refused = refusedIn(probe);
  if (refused > 0)
    return `${sent}: ${probe.answered - refused} of ${probe.sent} were answered, ${refused} ${refused === 1 ? 'was' : 'were'} refused.`;
  return `${sent}, and ${probe.answered === probe.sent ? 'all were' : `${probe.answered} of ${probe.sent} were`} answered.`;
};

const where = (run: Run): string => {
  const { brokenLink, direction, status } = run.diagnosis;
  if (status === 'ok')
    return 'The packets were followed both ways over every hop that was captured, and none is missing.';
  if (brokenLink && isOwnProcess(run))
    return `The probes of this program were followed both ways, and none is missing; what ${run.target.name} sends by itself ends at ${stageWords(brokenLink.stage)}.`;
  if (!brokenLink) return 'What was seen does not name one link at which the packets are lost.';
  const outside = hopById(run, brokenLink.to)?.role === 'outside';
  if (direction === 'return' && outside)
    return `The requests ${seenOn(run, 'forward')}, so they left this host; no answer came back to it.`;
  const way = direction ?? 'forward';
  const [from, to] = way === 'return' ? [brokenLink.to, brokenLink.from] : [brokenLink.from, brokenLink.to];
  return `The ${way === 'return' ? 'replies' : 'requests'} ${seenOn(run, way)}; they are lost between ${hopPhrase(run, from)} and ${hopPhrase(run, to)}, at ${stageWords(brokenLink.stage)}${onHost(run)}.`;
};

const seenOn = (run: Run, way: Way): string => {
  const seen = run.path.hops.filter(
    (hop) => hop.captured && (way === 'return' ? hop.return.seen : hop.forward.seen) > 0,
  );
  if (seen.length === 0) return 'were seen at no hop';
  return `were seen on ${listed(seen.map((hop) => hopPhrase(run, hop.id)))}`;
};

const onHost = (run: Run): string => {
  const netns = rootOf(run)?.netns;
  return netns === undefined ? '' : ` of ${netnsTitle(run, netns)}`;
};

const why = (run: Run): string => {
  const { status, title, confidence, doubts, summary } = run.diagnosis;
  if (status === 'ok') return `${title}; there is nothing to mend.`;
  if (status === 'inconclusive') return `This is not decided: ${doubts[0] ?? summary}.`;
  const root = rootOf(run);
  const sure = confidence === null ? '' : ` (${confidence})`;
  const mend = root?.remedies.some((remedy) => remedy.commands.length > 0)
    ? '; the commands that mend it are under Fix'
    : '';
  return `The cause: ${title}${sure}${mend}.`;
};

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
