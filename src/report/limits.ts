import type { Run } from '../model/run.js';
import { hopPhrase, shownHops } from './facts.js';

/** What could not be seen or read, one sentence each, not yet inert. */
export const limitLines = (run: Run): readonly string[] => [
  ...run.diagnosis.doubts,
  ...run.limits.map((limit) => `${limit.what}: ${limit.why}${limit.install ? ` (${limit.install})` : ''}`),
  ...shownHops(run)
    .filter((hop) => !hop.captured)
    .map((hop) => `${hopPhrase(run, hop.id)} was not captured${hop.note ? `: ${hop.note}` : ''}`),
  ...shownHops(run)
    .filter((hop) => (hop.captureDropped ?? 0) > 0)
    .map(
      (hop) =>
        `the capture on ${hopPhrase(run, hop.id)} lost ${hop.captureDropped} packets itself, so a missing packet proves nothing there`,
    ),
  ...(run.evidence?.captures ?? [])
    .filter((capture) => capture.error !== null && capture.failure !== 'missing-tool')
    .map((capture) => `the capture on ${hopPhrase(run, capture.hop)} failed: ${capture.error}`),
  ...run.diagnosis.skipped.map((skipped) => `check ${skipped.check} was skipped: ${skipped.reason}`),
  ...(run.target.notes ?? []),
  ...run.path.notes,
  ...(run.reduced ?? []).map((part) => `left out here: ${part}`),
  ...(run.evidence ? [] : ['the evidence is not in this document, so it cannot be diagnosed again']),
];
