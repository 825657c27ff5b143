import type { Remedy } from '../model/finding.js';
import type { NetnsId, NetnsRef } from '../model/netns.js';
import type { RepairPlan, RepairStep } from '../model/repair.js';
import type { Run, RunFinding } from '../model/run.js';
import { describeCommand, innerOf, netnsPathOf, withComment } from './command.js';
import { isWhole, type State, settingOf } from './facts/facts.js';
import { kernelEffects } from './kernel-effects.js';
import { narrowed } from './strict.js';

export interface PlanOptions {
  /** Only this cause, where a person asked for it. */
  readonly only: string | null;
  /** The narrowest change that mends it. */
  readonly strict: boolean;
  /** Number of the first step: steps of one repair are numbered through. */
  readonly from: number;
  /** Run whose id the steps carry: the first of the repair. */
  readonly run: string;
}

/** The causes on the flow, the root first: what was only noticed is left alone. */
export const causesToMend = (run: Run, only: string | null): readonly RunFinding[] => {
  const onFlow = run.findings.filter((finding) => finding.rank !== 'noticed');
  return only === null ? onFlow : onFlow.filter((finding) => finding.cause === only || finding.check === only);
};

/** The host's own way outside is never taken away to mend a container, unless it has another one. */
const cutsOffHost = (remedy: Remedy, state: State): boolean =>
  remedy.netns === 'host' &&
  remedy.commands.some((argv) => {
    const [, six, taken] = /^ip (?:-(\d) )?route del default\b.* dev (\S+)/.exec(argv.join(' ')) ?? [];
    if (taken === undefined) return /^ip (?:-\d )?route del default\b/.test(argv.join(' '));
    return ![...(state.get('host')?.keys() ?? [])].some(
      (fact) =>
        fact.startsWith(`route ${six ?? '4'} default via `) && !/ table /.test(fact) && !fact.includes(` dev ${taken}`),
    );
  });

/** A queueing discipline or a policy of IPsec is taken out only where its whole setting is known. */
const losesSetting = (netns: NetnsId, argv: readonly string[], state: State): boolean => {
  const fact = describeCommand(innerOf(argv))?.fact;
  return (
    (fact?.facet === 'qdisc' || fact?.facet === 'xfrm-policy') &&
    !isWhole(settingOf(state, netns, fact.facet, fact.key))
  );
};

/** The namespace in which a command of a remedy runs: that of the remedy, or the other one into which it is led. */
const netnsOf = (remedy: Remedy, argv: readonly string[], known: readonly NetnsRef[]): NetnsId => {
  const path = netnsPathOf(argv);
  if (path === null) return remedy.netns;
  return known.find((netns) => netns.path.replace(/^\/var\/run\//, '/run/') === path)?.id ?? remedy.netns;
};

/** Whether every command of a remedy is one whose change can be put back exactly. */
const canBeUndone = (remedy: Remedy, state: State, known: readonly NetnsRef[]): boolean =>
  remedy.kind === 'runtime' &&
  remedy.commands.length > 0 &&
  !cutsOffHost(remedy, state) &&
  remedy.commands.every(
    (argv) => describeCommand(innerOf(argv)) !== null && !losesSetting(netnsOf(remedy, argv, known), argv, state),
  );

/**
 * Whether a finding's remedy moves the container's cable. What lies behind was seen on a path that the container then
 * does not take any more: it is looked at again afterwards.
 */
const movesThePath = (finding: RunFinding, state: State, known: readonly NetnsRef[]): boolean =>
  finding.remedies
    .find((remedy) => canBeUndone(remedy, state, known))
    ?.commands.some((argv) => describeCommand(innerOf(argv))?.fact?.facet === 'master') ?? false;

/** A command without the comment that tells one repair's rules from another's. */
export const withoutTag = (inner: readonly string[]): string => inner.join(' ').replace(/vethoscope:[0-9a-z]+:\d+/, '');

/**
 * What would be done about a run's diagnosis: for the root cause and those behind it the first remedy whose change can
 * be put back exactly, in this order; where one moves the container's cable, that alone. Nothing is run.
 * @param state all settings now, for the values before
 */
export const planRepair = (run: Run, state: State, options: PlanOptions): RepairPlan => {
  const onFlow = causesToMend(run, options.only);
  const known = run.evidence?.netns ?? [];
  const moving = onFlow.filter((finding) => movesThePath(finding, state, known));
  const causes = moving.length > 0 ? moving : onFlow;
  const canApply = (remedy: Remedy): boolean => canBeUndone(remedy, state, known);
  const steps: RepairStep[] = [];
  const seen = new Set<string>();
  for (const finding of causes) {
    const first = finding.remedies.find(canApply);
    const remedy = first && options.strict ? narrowed(first, run) : first;
    for (const argv of remedy?.commands ?? []) {
      if (remedy === undefined || seen.has(JSON.stringify(argv))) continue;
      seen.add(JSON.stringify(argv));
      steps.push(
        stepOf(finding, remedy, argv, state, {
          n: options.from + steps.length,
          run: options.run,
          netns: netnsOf(remedy, argv, known),
        }),
      );
    }
  }
  return {
    run: run.run.id,
    hostname: run.run.hostname,
    target: run.target.spelled,
    destination: run.flow.destinationText,
    netns: known,
    steps,
    byHand: causes
      .filter((finding) => !finding.remedies.some(canApply))
      .map(({ cause, title, remedies }) => ({ cause, title, remedies })),
    warnings: causes.flatMap(({ notes }) => notes?.filter((note) => /^do not\b/.test(note)) ?? []),
    notTaken: causes.flatMap((finding) =>
      finding.remedies.some(canApply) ? finding.remedies.filter((remedy) => !canApply(remedy)).map(notTaken) : [],
    ),
  };
};

const notTaken = (remedy: Remedy): RepairPlan['notTaken'][number] => ({
  title: remedy.title,
  commands: remedy.commands,
  because: remedy.commands.length === 0 ? remedy.riskText : `it cannot be taken back; ${remedy.riskText}`,
});

const stepOf = (
  finding: RunFinding,
  remedy: Remedy,
  argv: readonly string[],
  state: State,
  { n, run, netns }: { readonly n: number; readonly run: string; readonly netns: NetnsId },
): RepairStep => {
  const tag = `vethoscope:${run}:${n}`;
  const commented = withComment(argv, tag);
  const command = commented ?? argv;
  const inner = innerOf(command);
  const described = describeCommand(inner);
  if (described === null) throw new Error(`no known change: ${argv.join(' ')}`);
  const { fact } = described;
  return {
    n,
    cause: finding.cause,
    title: remedy.title,
    netns,
    argv: command,
    inner,
    sign: described.sign,
    subject: described.subject,
    before: fact === null ? null : (settingOf(state, netns, fact.facet, fact.key) ?? 'none'),
    after: described.after,
    effects: kernelEffects(inner, state, netns),
    risk: remedy.risk,
    riskText: remedy.riskText,
    scope: described.scope,
    tag: commented === null ? null : tag,
  };
};
