import { listContainers, resolveTarget } from '../../discover/index.js';
import { startDetached } from '../../host/attached.js';
import { hostFacts, inspectNetnsFile, NETNS_FOLDER, namedNetns, OWN_NETNS_PATH } from '../../host/proc.js';
import { randomHex } from '../../host/random.js';
import { canAsk } from '../../host/stdin.js';
import type { BuildPlan } from '../../model/build.js';
import { EXIT, KnownError } from '../../model/errors.js';
import type { NetnsRef } from '../../model/netns.js';
import type { Target } from '../../model/target.js';
import { construct } from '../../repair/build/construct.js';
import { uplinkOf } from '../../repair/build/observed.js';
import { planWithFreeAddress } from '../../repair/build/settle-address.js';
import { journalFolder, openJournal } from '../../repair/journal.js';
import { ownSshSession, sshWarning } from '../../repair/ssh-session.js';
import { ROLL_BACK_MS } from '../../repair/undo.js';
import { renderBuildPlan } from '../../report/build-text.js';
import { agreed } from '../agreement.js';
import { killAtBoundary } from '../boundary.js';
import { type BuildSettings, buildSettingsFrom } from '../build-settings.js';
import { type CommandContext, jsonLine } from '../context.js';
import { exitCodeOf } from '../exit-codes.js';
import { followed } from '../follow.js';
import { onTrial } from '../on-trial.js';
import { printRun } from '../print-run.js';
import { storeRun } from '../run-store.js';
import { type RawOptions, traceSettingsFrom, trialMsFrom } from '../settings.js';
import { outcomeOf } from '../undo-words.js';
import { requireNothingUnfinished } from '../unfinished.js';

const HOST: NetnsRef = { id: 'host', name: 'host', path: OWN_NETNS_PATH, inode: 0 };

/** What the container is, and how commands get into it. */
interface Place {
  readonly name: string;
  /** `null` while its namespace has to be made. */
  readonly netns: NetnsRef | null;
  readonly lead: { readonly ip: readonly string[]; readonly other: readonly string[] };
  readonly into: string;
}

/** Gives a container a complete network, or completes what is there, step by step, and traces it in the end. */
export const build = async (
  context: CommandContext,
  [target]: readonly string[],
  options: RawOptions,
): Promise<number> => {
  const settings = buildSettingsFrom(target, options);
  const trialMs = typeof options['try'] === 'string' ? trialMsFrom(options['try']) : null;
  if (process.geteuid?.() !== 0 && process.env['VETHOSCOPE_STATE'] === undefined)
    throw new KnownError('only root can build a network', { exitCode: EXIT.noPrivilege, hint: 'use sudo' });
  const place = await placeOf(target, settings);
  if (settings.dryRun) {
    const { plan } = await planned(context, settings, place);
    show(context, settings, plan);
    return plan.parts.some(({ step }) => step !== null) ? EXIT.pending : EXIT.ok;
  }
  const journal = await openJournal(journalFolder());
  try {
    await requireNothingUnfinished(journal);
    const { plan, gateway } = await planned(context, settings, place);
    show(context, settings, plan);
    const steps = plan.parts.flatMap(({ step }) => step ?? []);
    const warning = sshWarning(steps, await ownSshSession());
    if (warning !== null) context.note(`warning: ${warning}`);
    if (steps.length > 0) {
      if (!(await agreed(context, { apply: settings.apply, input: options['input'] !== false }))) {
        context.note('nothing was changed');
        return EXIT.pending;
      }
      context.allowForCleanup(ROLL_BACK_MS);
      const built = await construct(plan, {
        journal,
        argv: context.argv,
        started: new Date(),
        signal: context.signal,
        boundary: killAtBoundary(process.env),
        makeNetns: place.netns === null ? place.name : null,
        findNetns: async () => namedRef(place.name),
        trialUntil: trialMs === null ? null : new Date(Date.now() + trialMs),
        arm: (entry, until) =>
          startDetached([...context.program, 'undo', entry.id, '--unless-kept', until.toISOString()]),
        onEvent: (event) => {
          if (event.type === 'journal') context.note(`journal  ${event.path}`);
          else if (event.type === 'step') context.note(`[${event.step.n}] ${event.step.title}`);
          else context.note(`failed   ${event.message}; rolling back`);
        },
      });
      if (built.outcome === 'rolled-back') {
        const { words, exitCode } = outcomeOf(built.undone);
        context.out(
          context.display.format === 'text'
            ? `not built. ${words}\n`
            : jsonLine({ type: 'build', outcome: 'rolled-back', words }),
        );
        return exitCode === EXIT.ok ? EXIT.rolledBack : EXIT.rollbackFailed;
      }
      const { trial } = built.entry;
      if (trial !== undefined) {
        const traceCode = await traced(context, place, settings.destination ?? gateway);
        journal.release();
        const canAskNow = options['input'] !== false && canAsk();
        const trialCode = await onTrial(context, built.entry, Date.parse(trial.until), {
          canAsk: canAskNow,
          what: 'build',
        });
        return trialCode === EXIT.ok ? traceCode : trialCode;
      }
      context.out(
        context.display.format === 'text'
          ? `built.  Undo at any time:  vethoscope undo ${built.entry.run}\n`
          : jsonLine({ type: 'build', outcome: 'built', entry: built.entry.id }),
      );
    }
    return await traced(context, place, settings.destination ?? gateway);
  } finally {
    journal.release();
  }
};

const show = (context: CommandContext, { teach }: BuildSettings, plan: BuildPlan): void =>
  context.out(
    context.display.format === 'text'
      ? renderBuildPlan(plan, { ...context.terminal, teach })
      : jsonLine({ type: 'plan', plan }),
  );

/** A flow through all that was built: to the destination that was asked for, else to the next router of this host. */
const traced = async (context: CommandContext, { name, netns }: Place, destination: string): Promise<number> => {
  const target = netns === null ? `netns:${name}` : name;
  const { result } = await followed(context, traceSettingsFrom(target, destination, TRACE_DEFAULTS, context.argv));
  printRun(context, result);
  if (context.display.save) await storeRun(result);
  return exitCodeOf(result, 'error');
};

const TRACE_DEFAULTS: RawOptions = { mark: '0', wait: '1s', timeout: '15s' };

const namedRef = (name: string): NetnsRef => {
  const path = `${NETNS_FOLDER}/${name}`;
  const file = inspectNetnsFile(path);
  if (file.kind !== 'netns') throw new KnownError(`there is no network namespace ${name}`, { exitCode: EXIT.usage });
  return { id: 'target', name, path, inode: file.inode };
};

const placeOf = async (spelled: string | undefined, { textbook }: BuildSettings): Promise<Place> => {
  if (textbook !== null && !namedNetns().includes(textbook)) return { name: textbook, netns: null, ...named(textbook) };
  const target = await resolveTarget(spelled ?? `netns:${textbook}`);
  const file = inspectNetnsFile(target.netnsPath);
  const inode = file.kind === 'netns' ? file.inode : 0;
  const netns = { id: 'target', name: target.name, path: target.netnsPath, inode };
  return { name: spelled ?? `netns:${textbook}`, netns, ...leadInto(target) };
};

const named = (name: string): Pick<Place, 'lead' | 'into'> => ({
  lead: { ip: ['ip', '-n', name], other: ['ip', 'netns', 'exec', name] },
  into: name,
});

const leadInto = ({ netnsPath, pid }: Target): Pick<Place, 'lead' | 'into'> => {
  const name = netnsPath.startsWith(`${NETNS_FOLDER}/`) ? netnsPath.slice(NETNS_FOLDER.length + 1) : null;
  if (name !== null) return named(name);
  const enter = ['nsenter', `--net=${netnsPath}`, '--'];
  return { lead: { ip: [...enter, 'ip'], other: enter }, into: pid === null ? netnsPath : String(pid) };
};

const planned = async (
  context: CommandContext,
  settings: BuildSettings,
  place: Place,
): Promise<{ readonly plan: BuildPlan; readonly gateway: string }> => {
  const host = inspectNetnsFile(OWN_NETNS_PATH);
  const { rows: containers } = await listContainers({ signal: context.signal });
  const { netns } = place;
  const row = netns === null ? undefined : containers.find((one) => isSame(one, netns));
  const { plan, state } = await planWithFreeAddress(settings.wish, {
    backend: settings.backend,
    signal: context.signal,
    taken: containers
      .filter((one) => one !== row && one.veth.length > 0)
      .flatMap(({ addresses }) => addresses.map((text) => text.split('/')[0] ?? '')),
    cables: row?.veth ?? [],
    target: netns,
    context: {
      run: randomHex(4),
      hostname: hostFacts().hostname,
      lead: place.lead,
      into: place.into,
      makeNetns: netns === null ? place.name : null,
      netns: [{ ...HOST, inode: host.kind === 'netns' ? host.inode : 0 }, ...(netns === null ? [] : [netns])],
    },
  });
  const [four] = plan.design.families;
  return { plan, gateway: uplinkOf(state)?.gateway ?? four?.gateway ?? '' };
};

const isSame = (row: { readonly netns: string; readonly pid: number | null }, { inode }: NetnsRef): boolean => {
  const file = inspectNetnsFile(row.netns.includes('/') ? row.netns : `${NETNS_FOLDER}/${row.netns}`);
  return file.kind === 'netns' && file.inode === inode;
};
