import type { Run } from '../../model/run.js';
import { flowSysctls } from '../flow-sysctls.js';
import { AREAS, type Area, type Fact, runFacts, stateFacts } from './state-facts.js';

/** One thing that is not the same in both runs. `null` where a run does not have it. */
export interface Difference {
  readonly area: Area;
  /** `host`, `target`, …; empty for what is about the run as a whole. */
  readonly netns: string;
  readonly key: string;
  readonly a: string | null;
  readonly b: string | null;
  /** Whether it can decide about the flow: it names a device or address of its path, or holds for all. */
  readonly matters: boolean;
}

export interface RunDiff {
  readonly a: DiffedRun;
  readonly b: DiffedRun;
  /** Those that matter first, then by area. */
  readonly differences: readonly Difference[];
  /** Why the comparison is not whole. */
  readonly limits: readonly string[];
}

export interface DiffedRun {
  readonly id: string;
  readonly target: string;
  readonly destination: string;
  readonly status: string;
}

/** What differs between two runs: a good and a bad container, or before and after a change. */
export const diffRuns = (a: Run, b: Run): RunDiff => {
  const [first, second] = [indexed(factsOf(a)), indexed(factsOf(b))];
  const decides = decider(a, b);
  const differences = [...new Set([...first.keys(), ...second.keys()])].flatMap((key): readonly Difference[] => {
    const [one, other] = [first.get(key), second.get(key)];
    const fact = one ?? other;
    if (!fact || one?.value === other?.value) return [];
    return [
      {
        area: fact.area,
        netns: fact.netns,
        key: fact.key,
        a: one?.value ?? null,
        b: other?.value ?? null,
        matters: decides(fact, one?.value ?? null, other?.value ?? null),
      },
    ];
  });
  return {
    a: summary(a),
    b: summary(b),
    differences: differences.toSorted(
      (x, y) => Number(y.matters) - Number(x.matters) || AREAS.indexOf(x.area) - AREAS.indexOf(y.area),
    ),
    limits: limitsOf(a, b),
  };
};

const summary = (run: Run): DiffedRun => ({
  id: run.run.id,
  target: run.target.name,
  destination: run.flow.destinationText,
  status: run.diagnosis.status,
});

const factsOf = (run: Run): readonly Fact[] => [
  ...runFacts(run),
  ...Object.entries(run.evidence?.before ?? {}).flatMap(([netns, state]) => stateFacts(netns, state)),
];

/** Equal rules of one chain are told apart by their count. */
const indexed = (facts: readonly Fact[]): ReadonlyMap<string, Fact> => {
  const index = new Map<string, Fact>();
  for (const fact of facts) {
    const key = `${fact.area}\0${fact.netns}\0${fact.key}`;
    let count = 1;
    while (index.has(`${key}\0${count}`)) count += 1;
    index.set(`${key}\0${count}`, fact);
  }
  return index;
};

/** Whether a fact can decide about the flow of either run. */
const decider = (a: Run, b: Run): ((fact: Fact, a: string | null, b: string | null) => boolean) => {
  const runs = [a, b];
  const names = new Set(
    runs.flatMap((run) => [
      ...run.path.hops.flatMap((hop) => hop.ifname ?? []),
      ...run.path.routers.flatMap((router) => [router.iif, router.oif ?? [], router.nextHop ?? []].flat()),
    ]),
  );
  const ends = new Set([...names, ...runs.flatMap((run) => [run.flow.source ?? [], run.flow.destination].flat())]);
  const settings = new Set(
    runs.flatMap((run) =>
      Object.entries(run.evidence?.before ?? {}).flatMap(([netns, state]) =>
        state.sysctls.ok ? flowSysctls(run, netns, state.sysctls.value).map(([key]) => `${netns} ${key}`) : [],
      ),
    ),
  );
  const objects = runs.flatMap((run) => run.findings.flatMap((finding) => finding.object ?? []));
  const foreign = runs.every((run) => run.flow.family === 4)
    ? /:[0-9a-f]*:/i
    : runs.every((run) => run.flow.family === 6)
      ? /\d\.\d+\.\d+\.\d/
      : null;
  return ({ area, netns, key }, one, other) => {
    if (area === 'diagnosis' || area === 'hop' || area === 'policy rule') return true;
    if (area === 'setting') return settings.has(`${netns} ${key}`) || objects.includes(key);
    if (area === 'not read') return false;
    if (['address', 'route', 'neighbour'].includes(area) && foreign?.test(key)) return false;
    if (area === 'neighbour' && one?.split(', ')[1] === other?.split(', ')[1]) return false;
    const words = key.split(/[\s",:{}[\]/=]+/);
    if (words.some((word) => ends.has(word))) return true;
    if (area === 'route') return words.includes('default') || words.includes('0.0.0.0') || key.includes('::/0');
    if (area === 'iptables') return key.includes(' chain ') || !/ -[iosd] /.test(key);
    return area === 'nftables';
  };
};

const limitsOf = (a: Run, b: Run): readonly string[] => [
  ...[a, b].flatMap((run) => (run.evidence ? [] : [`run ${run.run.id} has no evidence: its state cannot be compared`])),
  ...[a, b].flatMap((run) => (run.reduced ?? []).map((part) => `run ${run.run.id} lacks ${part}`)),
  ...(a.run.redacted !== b.run.redacted
    ? ['one run is redacted and the other is not: addresses and names differ for that alone']
    : []),
];
