import type { Evidence } from '../model/evidence.js';
import type { RankedFinding } from '../model/finding.js';
import { inOrder, type Ranking, ranked, uniqueCauses } from './rank.js';
import type { CheckedFinding } from './run-checks.js';

/** Times that what is then found is mended in its turn. */
const MOST_ROUNDS = 4;

/**
 * Causes that only the packets meet which are sent once the first causes are mended. They are told from the configuration
 * alone: what was seen, and what the host's own probe met, speaks of other packets.
 * @param check runs every check on the evidence
 */
export const findingsOnceMended = (
  evidence: Evidence,
  found: readonly CheckedFinding[],
  { findings, contradicted }: Ranking,
  check: (evidence: Evidence) => readonly CheckedFinding[],
): readonly RankedFinding[] => {
  const blamed = new Set(findings.map(({ cause }) => cause));
  const told = found.filter((one) => !(contradicted.includes(one) && isUnasked(one, findings[0])));
  const known = new Set(told.map(({ finding }) => finding.cause));
  const { path } = evidence;
  const { ruleTrace: _, ...rest } = evidence;
  let mended: Evidence = { ...rest, sightings: [], control: null, kernelDrops: [] };
  let mending = found.filter(({ finding, onceMended }) => onceMended && blamed.has(finding.cause));
  const behind: CheckedFinding[] = [];
  for (let round = 0; round < MOST_ROUNDS && mending.length > 0; round += 1) {
    for (const { onceMended } of mending) mended = onceMended?.(mended) ?? mended;
    const more = uniqueCauses(check(mended)).filter(({ finding }) => !known.has(finding.cause));
    for (const { finding } of more) known.add(finding.cause);
    behind.push(...more);
    mending = more.filter(({ onceMended }) => onceMended);
  }
  return inOrder(path, behind).map((one) => ranked(one, 'behind', 'possible'));
};

/** Where the packets went without a question for a neighbour, that they passed does not contradict that none would answer. */
const isUnasked = ({ finding }: CheckedFinding, root: RankedFinding | undefined): boolean =>
  root?.place.stage === 'neighbour' && finding.place.stage === 'neighbour';
