import { z } from 'zod';
import { EXIT, KnownError } from '../../model/errors.js';
import { inert } from '../../model/inert.js';
import type { Run } from '../../model/run.js';
import { REPORT_FORMATS, type ReportFormat, reportFiles } from '../../report/files.js';
import { type Redacted, redactRun } from '../../report/redact/redact-run.js';
import type { CommandContext } from '../context.js';
import { earlierMap, storeMap } from '../redaction-store.js';
import { loadRun } from '../run-store.js';
import type { RawOptions } from '../settings.js';
import { table } from '../table.js';
import { writeFiles, writing } from '../write-report.js';

const reportOptions = z.object({
  /** Formats, repeated or with commas between them. */
  format: z.array(z.string()).default(['html']),
  outputDir: z.string().optional(),
  redact: z.boolean().default(true),
  keepOui: z.boolean().default(false),
  preview: z.boolean().default(false),
});

/** Formats that are files of their own or binary, and so never go to standard output. */
const FILES_ONLY: readonly ReportFormat[] = ['pcapng', 'bundle'];

const formatsFrom = (words: readonly string[]): readonly ReportFormat[] => {
  const names = words.flatMap((word) => word.split(',')).filter((name) => name !== '');
  const unknown = names.find((name) => !(REPORT_FORMATS as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new KnownError(`no report format ${JSON.stringify(unknown)}`, {
      exitCode: EXIT.usage,
      hint: `formats: ${REPORT_FORMATS.join(', ')}`,
    });
  return [...new Set(names)] as ReportFormat[];
};

/** Writes the report of a run: one text format to standard output, several or `--output-dir` to files. */
export const report = async (
  context: CommandContext,
  [name = '']: readonly string[],
  raw: RawOptions,
): Promise<number> => {
  const options = reportOptions.parse(raw);
  const formats = formatsFrom(options.format);
  const stored = await loadRun(name);
  const redacted =
    options.redact && !stored.run.redacted
      ? redactRun(stored, { map: await earlierMap(), keepOui: options.keepOui })
      : null;
  if (options.preview) {
    preview(context, stored, redacted);
    return EXIT.ok;
  }
  const run = redacted?.run ?? stored;
  const files = reportFiles(run, formats, { failOn: context.display.failOn });
  if (formats.includes('pcapng') && run.evidence?.frames === undefined)
    context.note('this run has no recorded frames: no pcapng is written');
  if (files.length === 0) return EXIT.ok;
  if (redacted)
    context.note(
      `the map of the aliases is in ${await writing(() => storeMap(run.run.id, redacted))}; keep it to yourself`,
    );
  const [only] = files;
  if (
    files.length === 1 &&
    only &&
    options.outputDir === undefined &&
    !formats.some((format) => FILES_ONLY.includes(format))
  )
    context.out(Buffer.from(only.content).toString('utf8'));
  else for (const path of await writing(() => writeFiles(files, options.outputDir ?? '.'))) context.note(path);
  return EXIT.ok;
};

const preview = (context: CommandContext, run: Run, redacted: Redacted | null): void => {
  if (redacted === null)
    context.out(run.run.redacted ? 'this run is redacted already\n' : 'nothing would be replaced: --no-redact\n');
  else
    context.out(
      table(
        ['on this host', 'in the report'],
        redacted.pairs.map((pair) => pair.map(inert)),
      ),
    );
  for (const limit of redacted?.run.limits ?? []) context.note(inert(`${limit.what}: ${limit.why}`));
};
