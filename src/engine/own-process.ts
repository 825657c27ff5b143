import type { CheckContext } from '../../checks/define-check.js';
import { checks } from '../../checks/index.js';
import type { Diagnosis } from '../model/diagnosis.js';
import type { Evidence } from '../model/evidence.js';
import type { Proof } from '../model/finding.js';
import { linkById } from '../model/path-queries.js';
import { packetsOf } from '../model/probe.js';
import { ranked } from './rank.js';
import { runChecks } from './run-checks.js';

const ofProcess = checks.filter(({ meta }) => meta.ofProcess);

/**
 * The conclusion about the network with what the target's own process cannot do in it, which our probe shows nothing of:
 * where the network works, that is why the process's traffic does not; where it does not, it comes behind.
 */
export const withOwnProcess = (diagnosis: Diagnosis, evidence: Evidence, context: CheckContext): Diagnosis => {
  if (diagnosis.status === 'inconclusive' || !evidence.process) return diagnosis;
  const results = runChecks(ofProcess, evidence, context);
  const [first, ...more] = results.findings;
  const link = first && linkById(evidence.path, first.finding.place.link);
  const told = {
    ...diagnosis,
    ruledOut: [...diagnosis.ruledOut, ...results.ruledOut],
    skipped: [...diagnosis.skipped, ...results.skipped],
  };
  if (!first || !link) return isAtStake(evidence) && results.ruledOut.length === 0 ? undecided(told, evidence) : told;
  const behind = (found: readonly (typeof first)[]) => found.map((one) => ranked(one, 'behind', 'possible'));
  if (diagnosis.status !== 'ok') return { ...told, findings: [...diagnosis.findings, ...behind([first, ...more])] };
  const works = `the network works: ${evidence.probe?.answered ?? 0} of ${evidence.probe?.sent ?? 0} ${packetsOf(evidence.probe)} of ours were answered`;
  const control: Proof = {
    kind: 'control',
    text: `${works}, sent in the place of ${evidence.target.name}`,
    ...(evidence.probe ? { command: evidence.probe.command } : {}),
  };
  const root = ranked(first, 'root', 'likely');
  return {
    ...told,
    status: 'fault',
    code: root.code,
    cause: root.cause,
    title: root.title,
    summary: `${root.title}; ${works}`,
    direction: 'forward',
    brokenLink: { from: link.from, to: link.to, stage: root.place.stage },
    confidence: root.confidence,
    findings: [{ ...root, proof: [control, ...root.proof] }, ...behind(more)],
  };
};

/** Whether the process lacks what this flow needs, as far as the process itself tells: then what else decides has to be known. */
const isAtStake = ({ process, flow }: Evidence): boolean =>
  flow.protocol === 'icmp'
    ? process?.rawSockets === 'no'
    : /^https?:/i.test(flow.destinationText) &&
      (process?.proxies === undefined ||
        (process.isExempt === false && process.proxies.some(({ place }) => place !== null)));

/** That the network works says nothing of a process which may be kept from using it. */
const undecided = (told: Diagnosis, { target }: Evidence): Diagnosis => {
  if (told.status !== 'ok') return told;
  const doubt = `the network works, and whether ${target.name} itself can send this is not known: not all that decides it was read`;
  return { ...told, status: 'inconclusive', title: 'not enough was seen to decide', summary: doubt, doubts: [doubt] };
};
