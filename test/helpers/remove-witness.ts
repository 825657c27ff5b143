import type { Evidence } from '../../src/model/evidence.js';
import type { ArtifactName } from '../../src/model/state.js';
import { unread, withoutCapture as withoutCaptureAt } from './edit-evidence.js';

/** One thing that a run may lack, and the evidence without it. */
export interface Removal {
  readonly what: string;
  remove(evidence: Evidence): Evidence;
}

const withoutCapture = (hop: string): Removal => ({
  what: `the capture at ${hop}`,
  remove: withoutCaptureAt(hop),
});

const lossyCapture = (hop: string): Removal => ({
  what: `trust in the capture at ${hop}`,
  remove: (evidence) => ({
    ...evidence,
    captures: evidence.captures.map((report) => (report.hop === hop ? { ...report, droppedByKernel: 7 } : report)),
  }),
});

const withoutArtifact = (netns: string, name: ArtifactName): Removal => ({
  what: `${netns}.${name}`,
  remove: unread(netns, name),
});

const OTHERS: readonly Removal[] = [
  { what: 'the second snapshot', remove: (evidence) => ({ ...evidence, after: {} }) },
  { what: "the host's own probe", remove: (evidence) => ({ ...evidence, control: null }) },
  { what: 'the questions to the kernel', remove: (evidence) => ({ ...evidence, asked: [] }) },
];

/** The evidence of a host without the program tcpdump. */
export const withoutTcpdump = (evidence: Evidence): Evidence => ({
  ...evidence,
  captures: evidence.captures.map((report) => ({
    ...report,
    error: 'tcpdump is not installed',
    failure: 'missing-tool',
    packets: 0,
    droppedByKernel: null,
  })),
  sightings: [],
  ...(evidence.fullSize ? { fullSize: { ...evidence.fullSize, sightings: [] } } : {}),
});

/** Everything in an evidence that can be missing by itself. */
export const removals = (evidence: Evidence): readonly Removal[] => [
  ...evidence.captures.flatMap(({ hop, error }) => (error === null ? [withoutCapture(hop), lossyCapture(hop)] : [])),
  ...Object.entries(evidence.before).flatMap(([netns, state]) =>
    Object.entries(state).flatMap(([name, artifact]) =>
      artifact.ok ? [withoutArtifact(netns, name as ArtifactName)] : [],
    ),
  ),
  ...OTHERS,
];
