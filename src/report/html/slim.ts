import type { Evidence } from '../../model/evidence.js';
import type { Run } from '../../model/run.js';
import type { ArtifactName, NetnsState } from '../../model/state.js';

/** Room for the evidence in the page, in characters of JSON. */
const ROOM = 600_000;

type When = 'before' | 'after';

interface Part {
  readonly when: When;
  readonly netns: string;
  readonly name: ArtifactName;
  readonly size: number;
}

/**
 * The run as it goes into the page. Where the evidence is larger than the page has room for (70,000 rules, a thousand
 * devices), its largest artifacts are left out and named in `reduced`; the whole document is in the bundle.
 */
export const slimRun = (run: Run): Run => {
  const { evidence } = run;
  if (!evidence) return run;
  const frames = sizeOf(evidence.frames);
  const parts = (['before', 'after'] as const)
    .flatMap((when) => partsOf(evidence, when))
    .sort((a, b) => b.size - a.size);
  let left = parts.reduce((sum, part) => sum + part.size, 0) + sizeOf(evidence.sightings) + frames;
  const dropFrames = evidence.frames !== undefined && left > ROOM && frames > ROOM / 2;
  if (dropFrames) left -= frames;
  const dropped: Part[] = [];
  for (const part of parts) {
    if (left <= ROOM) break;
    dropped.push(part);
    left -= part.size;
  }
  if (dropped.length === 0 && !dropFrames) return run;
  const { frames: _frames, ...withoutFrames } = evidence;
  const before = without(evidence.before, 'before', dropped);
  const after = without(evidence.after, 'after', dropped);
  return {
    ...run,
    evidence: { ...(dropFrames ? withoutFrames : evidence), before, after },
    reduced: [
      ...(run.reduced ?? []),
      ...dropped.map(({ name, netns, when }) => `${name} of ${netns} (${when} the probe)`),
      ...(dropFrames ? ['frames'] : []),
    ],
  };
};

const sizeOf = (value: unknown): number => (value === undefined ? 0 : JSON.stringify(value).length);

const partsOf = (evidence: Evidence, when: When): readonly Part[] =>
  Object.entries(evidence[when]).flatMap(([netns, state]) =>
    Object.entries(state).map(([name, artifact]) => ({
      when,
      netns,
      name: name as ArtifactName,
      size: sizeOf(artifact),
    })),
  );

const without = <S extends Partial<NetnsState>>(
  states: Readonly<Record<string, S>>,
  when: When,
  dropped: readonly Part[],
): Readonly<Record<string, S>> =>
  Object.fromEntries(
    Object.entries(states).map(([netns, state]) => {
      const names = dropped.filter((part) => part.when === when && part.netns === netns).map((part) => part.name);
      return [
        netns,
        Object.assign({ ...state }, ...names.map((name) => ({ [name]: leftOut(state[name]?.command ?? []) }))),
      ];
    }),
  );

const leftOut = (command: readonly string[]) => ({
  ok: false as const,
  reason: 'not-collected' as const,
  message: 'left out of this page; the run document of the bundle has it',
  command,
  ms: 0,
});
