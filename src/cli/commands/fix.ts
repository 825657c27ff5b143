import { setTimeout as sleep } from 'node:timers/promises';
import { startDetached } from '../../host/attached.js';
import { canAsk } from '../../host/stdin.js';
import { EXIT, KnownError } from '../../model/errors.js';
import type { JournalEntry, RepairPlan, RepairStep } from '../../model/repair.js';
import type { Run } from '../../model/run.js';
import type { TraceSettings } from '../../model/settings.js';
import { readState } from '../../repair/facts/read-state.js';
import { type Journal, journalFolder, openJournal } from '../../repair/journal.js';
import { type Mended, mend } from '../../repair/mend.js';
import { readHostFiles } from '../../repair/persist/host-files.js';
import { persistenceOf } from '../../repair/persist/persist.js';
import { causesToMend, planRepair, withoutTag } from '../../repair/plan.js';
import { ownSshSession, sshWarning } from '../../repair/ssh-session.js';
import { keepTrial } from '../../repair/trial.js';
import { ROLL_BACK_MS } from '../../repair/undo.js';
import { renderByHand, renderPlan, renderScript } from '../../report/plan-text.js';
import { agreed } from '../agreement.js';
import { killAtBoundary } from '../boundary.js';
import { type CommandContext, jsonLine } from '../context.js';
import { exitCodeOf } from '../exit-codes.js';
import { followed } from '../follow.js';
import { onTrial } from '../on-trial.js';
import { printRun } from '../print-run.js';
import { loadRun, storeRun } from '../run-store.js';
import { type RawOptions, traceSettingsFrom, traceSettingsOf, trialMsFrom } from '../settings.js';
import { outcomeOf } from '../undo-words.js';
import { requireNothingUnfinished } from '../unfinished.js';

/** How often the flow is tried after a change, and milliseconds in between: the kernel asks again for a neighbour once a second. */
const VERIFY_TRIES = 3;
const VERIFY_PAUSE_MS = 1_200;

interface Wish {
  readonly apply: boolean;
  readonly dryRun: boolean;
  readonly script: boolean;
  readonly strict: boolean;
  /** What is changed is to outlast a restart. */
  readonly persist: boolean;
  readonly only: string | null;
  /** Milliseconds after which it is taken back unless kept. */
  readonly trialMs: number | null;
  readonly canAsk: boolean;
}

const wishOf = (options: RawOptions): Wish => ({
  apply: options['apply'] === true,
  dryRun: options['dryRun'] === true,
  script: options['script'] === true,
  strict: options['strict'] === true,
  persist: options['persist'] === true,
  only: typeof options['only'] === 'string' ? options['only'] : null,
  trialMs: typeof options['try'] === 'string' ? trialMsFrom(options['try']) : null,
  canAsk: options['input'] !== false && canAsk(),
});

/** Plans the repair of a flow, asks, applies it step by step, checks it with a new flow, and takes it back when it does not help. */
export const fix = async (context: CommandContext, args: readonly string[], options: RawOptions): Promise<number> => {
  const wish = wishOf(options);
  if (options['keep'] === true) {
    const kept = await keepTrial(journalFolder(), args[0] ?? '');
    context.out(context.display.format === 'text' ? 'kept\n' : jsonLine({ type: 'keep', entry: kept.id }));
    return EXIT.ok;
  }
  if (wish.persist && wish.trialMs !== null)
    throw new KnownError('--persist does not go with --try: a restart would not take it back', {
      exitCode: EXIT.usage,
      hint: 'try it first; undo it, and mend it with --persist when it works',
    });
  const { settings, stored } = await whatToMend(context, args, options);
  if (wish.dryRun || wish.script) return planned(context, settings, stored, wish, null);
  if (process.geteuid?.() !== 0 && process.env['VETHOSCOPE_STATE'] === undefined)
    throw new KnownError('only root can mend', { exitCode: EXIT.noPrivilege, hint: 'use sudo' });
  const journal = await openJournal(journalFolder());
  try {
    await requireNothingUnfinished(journal);
    return await planned(context, settings, stored, wish, journal);
  } finally {
    journal.release();
  }
};

const whatToMend = async (
  context: CommandContext,
  [first = '', second]: readonly string[],
  options: RawOptions,
): Promise<{ readonly settings: TraceSettings; readonly stored: Run | null }> => {
  if (second !== undefined) {
    return { settings: traceSettingsFrom(first, second, { ...options, dryRun: false }, context.argv), stored: null };
  }
  const stored = await loadRun(first);
  return { settings: traceSettingsOf(stored, context.argv), stored };
};

/** From the diagnosis on. Without a journal nothing is changed. */
const planned = async (
  context: CommandContext,
  settings: TraceSettings,
  stored: Run | null,
  wish: Wish,
  journal: Journal | null,
): Promise<number> => {
  const { result: run } = await followed(context, settings);
  if (context.display.save) await storeRun(run);
  requireStillTrue(stored, run);
  if (causesToMend(run, wish.only).length === 0) return nothingToMend(context, run, wish);
  const state = await readState(run.evidence?.netns ?? []);
  const plan = await lasting(
    planRepair(run, state, { only: wish.only, strict: wish.strict, from: 1, run: run.run.id }),
    [],
    wish,
    run.run.id,
  );
  const text = context.display.format === 'text';
  const [root] = causesToMend(run, wish.only);
  if (plan.steps.length === 0 || plan.byHand.some(({ cause }) => cause === root?.cause)) {
    context.out(text ? renderByHand(plan, context.terminal) : jsonLine({ type: 'plan', plan }));
    return EXIT.fault;
  }
  if (plan.persistence?.files.length === 0 && plan.persistence.kept.length === 0)
    throw new KnownError('nothing of this plan can be kept over a restart of this host', {
      exitCode: EXIT.usage,
      hint: `${plan.persistence.untilRestart.map(({ subject, because }) => `${subject}: ${because}`).join('; ')}. Without --persist it is mended until then`,
    });
  if (wish.script) {
    context.out(renderScript(plan));
    return EXIT.ok;
  }
  if (text) context.out(renderPlan(plan, context.terminal));
  else context.out(jsonLine({ type: 'plan', plan }));
  const warning = sshWarning(plan.steps, await ownSshSession());
  if (warning !== null) context.note(`warning: ${warning}`);
  if (journal === null) return EXIT.pending;
  if (warning !== null && wish.trialMs === null)
    throw new KnownError('not applied without a way back that needs no session', {
      exitCode: EXIT.refused,
      hint: 'add --try 60s: it is taken back by itself unless you keep it',
    });
  if (!(await agreed(context, { apply: wish.apply, input: wish.canAsk }))) {
    context.note('nothing was changed');
    return EXIT.pending;
  }
  return repaired(context, settings, { plan, run }, wish, journal);
};

/** A plan with the files that keep its steps, and those that were taken before, over a restart; without the wish, as it is. */
const lasting = async (
  plan: RepairPlan,
  taken: readonly RepairStep[],
  { persist }: Wish,
  run: string,
): Promise<RepairPlan> =>
  persist ? { ...plan, persistence: persistenceOf([...taken, ...plan.steps], await readHostFiles(), run) } : plan;

const requireStillTrue = (stored: Run | null, run: Run): void => {
  if (stored === null || stored.diagnosis.cause === run.diagnosis.cause || run.diagnosis.status === 'ok') return;
  throw new KnownError(
    `run ${stored.run.id} is not true any more: it says ${stored.diagnosis.cause ?? stored.diagnosis.status}, now it is ${run.diagnosis.cause ?? run.diagnosis.status}`,
    { exitCode: EXIT.refused, hint: `vethoscope fix ${run.run.id}` },
  );
};

const nothingToMend = (context: CommandContext, run: Run, wish: Wish): number => {
  printRun(context, run);
  const about = wish.only === null ? '' : ` about ${wish.only}`;
  context.note(run.diagnosis.status === 'ok' ? 'nothing to mend: the flow works' : `nothing to mend${about}`);
  return exitCodeOf(run, 'error');
};

const repaired = async (
  context: CommandContext,
  settings: TraceSettings,
  { plan, run }: { readonly plan: RepairPlan; readonly run: Run },
  wish: Wish,
  journal: Journal,
): Promise<number> => {
  const works = (after: Run): boolean => isMended(run, after, wish.only);
  context.allowForCleanup(ROLL_BACK_MS);
  const mended = await mend(plan, {
    journal,
    argv: context.argv,
    trialUntil: wish.trialMs === null ? null : new Date(Date.now() + wish.trialMs),
    arm: (entry, until) => startDetached([...context.program, 'undo', entry.id, '--unless-kept', until.toISOString()]),
    started: new Date(),
    signal: context.signal,
    boundary: killAtBoundary(process.env),
    works,
    verify: async () => {
      for (let tries = 1; ; tries += 1) {
        const { result } = await followed(context, settings);
        if (works(result) || tries === VERIFY_TRIES) return result;
        await sleep(VERIFY_PAUSE_MS, undefined, { signal: context.signal });
      }
    },
    next: async (after, state, entry) => {
      const bare = furtherPlan(after, state, entry, wish);
      if (bare === null) return null;
      const further = await lasting(bare, entry.steps, wish, entry.run);
      if (context.display.format === 'text')
        context.out(`\nthe next cause on the flow shows now\n${renderPlan(further, context.terminal)}`);
      return (await agreed(context, { apply: wish.apply, input: wish.canAsk })) ? further : null;
    },
    onEvent: (event) => {
      if (event.type === 'journal') context.note(`journal  ${event.path}`);
      else if (event.type === 'apply') for (const step of event.plan.steps) context.note(`apply    ${step.subject}`);
      else if (event.type === 'verified')
        context.note(`verify   ${event.works ? 'the flow works' : event.run.diagnosis.title}`);
      else if (event.type === 'failed') context.note(`failed   ${event.message}`);
      else context.note('rolling back');
    },
  });
  if (mended.outcome === 'verified' && mended.entry.trial) {
    journal.release();
    return onTrial(context, mended.entry, Date.parse(mended.entry.trial.until), { canAsk: wish.canAsk, what: 'fix' });
  }
  return told(context, mended);
};

/** The flow works, or lost less than before; with a single cause asked for, that this cause is gone. */
const isMended = (before: Run, after: Run, only: string | null): boolean => {
  if (only !== null && !causesToMend(after, only).length && after.diagnosis.status !== 'inconclusive') return true;
  return (
    after.diagnosis.status === 'ok' || (after.diagnosis.status === 'degraded' && before.diagnosis.status === 'fault')
  );
};

/** What to do about a cause that the first one hid; `null` when that was done already, or we cannot mend it. */
const furtherPlan = (
  after: Run,
  state: Awaited<ReturnType<typeof readState>>,
  entry: JournalEntry,
  { only, strict }: Wish,
): RepairPlan | null => {
  const [root] = causesToMend(after, null);
  if (only !== null || root === undefined) return null;
  const plan = planRepair(after, state, { only: null, strict, from: entry.steps.length + 1, run: entry.run });
  const done = new Set(entry.steps.map(({ inner }) => withoutTag(inner)));
  const isNew = plan.steps.some(({ inner }) => !done.has(withoutTag(inner)));
  return isNew && !plan.byHand.some(({ cause }) => cause === root.cause) ? plan : null;
};

const told = (context: CommandContext, mended: Mended): number => {
  const text = context.display.format === 'text';
  if (mended.outcome === 'verified') {
    context.out(
      text
        ? `mended: the flow works.  Undo at any time:  vethoscope undo ${mended.entry.run}\n`
        : jsonLine({ type: 'fix', outcome: 'verified', entry: mended.entry.id, run: mended.run.run.id }),
    );
    return EXIT.ok;
  }
  const { words, exitCode } = outcomeOf(mended.undone);
  const rolledBack = exitCode === EXIT.ok;
  context.out(
    text
      ? `it did not help. ${words}\n`
      : jsonLine({
          type: 'fix',
          outcome: rolledBack ? 'rolled-back' : 'rollback-failed',
          entry: mended.entry.id,
          words,
        }),
  );
  return rolledBack ? EXIT.rolledBack : EXIT.rollbackFailed;
};
