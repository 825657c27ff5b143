import { listContainers } from '../../discover/index.js';
import { checkEvidence, checkHost } from '../../engine/check.js';
import { checkFiles } from '../../engine/check-files.js';
import { differencesFrom, type ExpectedFlow, parseExpectations } from '../../engine/expectation.js';
import type { CheckReport } from '../../model/check-report.js';
import { EXIT, type ExitCode, KnownError } from '../../model/errors.js';
import { shellQuote } from '../../model/inert.js';
import { renderCheckText } from '../../report/check-text.js';
import {
  type CheckOptions,
  checkOptionsFrom,
  checkSettingsFrom,
  DUMP_OPTIONS,
  type DumpOption,
  fileFlowFrom,
} from '../check-settings.js';
import { type CommandContext, jsonLine } from '../context.js';
import { loadRun, readUserFile } from '../run-store.js';
import type { RawOptions } from '../settings.js';

/** A dump of 70,000 rules has about 20 MB. */
const MAX_DUMP_BYTES = 256 * 1024 * 1024;
const MAX_EXPECTATION_BYTES = 1024 * 1024;

/** One report with what was expected of it. */
interface Checked {
  readonly name: string | null;
  readonly report: CheckReport;
  /** `null` when nothing was expected. */
  readonly differences: readonly string[] | null;
}

/** Walks flows through rules and routes, and says what becomes of them; nothing is sent. */
export const check = async (
  context: CommandContext,
  [target, destination]: readonly string[],
  raw: RawOptions,
): Promise<number> => {
  const options = checkOptionsFrom(raw);
  const expected = options.expect === null ? [null] : await expectations(options.expect);
  const results: Checked[] = [];
  for (const flow of expected) {
    for (const report of await reportsOf(context, target ?? null, destination ?? null, options, flow))
      results.push({
        name: flow?.name ?? null,
        report,
        differences: flow && differencesFrom(flow.expect, report),
      });
  }
  print(context, results);
  const codes = results.map(exitCodeOf);
  return codes.includes(EXIT.fault) ? EXIT.fault : Math.max(EXIT.ok, ...codes);
};

const expectations = async (file: string): Promise<readonly ExpectedFlow[]> =>
  parseExpectations(await readUserFile(file, MAX_EXPECTATION_BYTES), file);

const reportsOf = async (
  context: CommandContext,
  target: string | null,
  destination: string | null,
  base: CheckOptions,
  flow: ExpectedFlow | null,
): Promise<readonly CheckReport[]> => {
  const options: CheckOptions = {
    ...base,
    proto: flow?.proto ?? base.proto,
    source: flow?.source ?? base.source,
    iif: flow?.iif ?? base.iif,
    inbound: flow?.inbound ?? base.inbound,
  };
  const to = flow?.destination ?? destination;
  if (options.run !== null) return [await fromRun(options.run)];
  if (DUMP_OPTIONS.some((name) => options[name] !== null)) return [await fromFiles(options, to ?? target)];
  const at = flow?.target ?? target;
  const targets = at === null ? await allTargets(context) : [at];
  const reports: CheckReport[] = [];
  for (const one of targets) {
    const settings = checkSettingsFrom(one, to, options);
    const onQuery = (command: readonly string[]) =>
      context.note(`asks the container's resolvers: ${shellQuote(command)}`);
    reports.push(await checkHost(settings, { signal: context.signal, onQuery }));
  }
  return reports;
};

const allTargets = async (context: CommandContext): Promise<readonly string[]> => {
  const { rows: containers } = await listContainers({ signal: context.signal });
  if (containers.length > 0)
    return containers.map(({ name, pid, netns }) => (netns === name || pid === null ? name : `pid:${pid}`));
  throw new KnownError('no container here to check', { exitCode: EXIT.usage, hint: 'vethoscope check TARGET' });
};

const fromRun = async (name: string): Promise<CheckReport> => {
  const run = await loadRun(name);
  if (run.evidence === undefined)
    throw new KnownError(`run ${run.run.id} has no evidence to walk`, { exitCode: EXIT.usage });
  return checkEvidence(run.evidence);
};

const fromFiles = async (options: CheckOptions, destination: string | null): Promise<CheckReport> => {
  if (destination === null) throw new KnownError('no destination', { exitCode: EXIT.usage });
  const flow = fileFlowFrom(destination, options);
  const entries = await Promise.all(
    DUMP_OPTIONS.map(async (name): Promise<readonly [DumpOption, string] | null> => {
      const file = options[name];
      return file === null ? null : [name, await readUserFile(file, MAX_DUMP_BYTES)];
    }),
  );
  const dumps = Object.fromEntries(entries.filter((entry) => entry !== null));
  return checkFiles({ dumps, flow, iif: options.iif, oif: options.oif });
};

const exitCodeOf = ({ report, differences }: Checked): ExitCode => {
  if (differences !== null) return differences.length > 0 ? EXIT.fault : EXIT.ok;
  const { verdict } = report.conclusion;
  return verdict === 'dropped' ? EXIT.fault : verdict === 'depends' ? EXIT.inconclusive : EXIT.ok;
};

const print = (context: CommandContext, results: readonly Checked[]): void => {
  const { display, terminal } = context;
  if (display.format !== 'text') {
    const documents = results.map(({ name, report, differences }) => ({
      ...report,
      ...(name === null ? {} : { name }),
      ...(differences === null ? {} : { differences }),
    }));
    if (display.format === 'ndjson') for (const document of documents) context.out(jsonLine(document));
    else context.out(`${JSON.stringify(documents.length === 1 ? documents[0] : documents, null, 2)}\n`);
    return;
  }
  const form = display.quiet ? 'quiet' : display.verbose > 0 ? 'full' : 'short';
  for (const [index, { name, report, differences }] of results.entries()) {
    if (index > 0 && form !== 'quiet') context.out('\n');
    if (name !== null || results.length > 1) context.out(`${name ?? report.target}:\n`);
    context.out(renderCheckText(report, { ...terminal, form }));
    for (const difference of differences ?? []) context.out(`differs: ${difference}\n`);
    if (differences?.length === 0) context.out('as expected\n');
  }
};
