import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Run } from '../model/run.js';
import type { FailOn } from './fail-on.js';
import { type ListedFile, renderHtml } from './html/page.js';
import { renderJson } from './json.js';
import { renderJunit } from './junit.js';
import { renderMarkdown } from './markdown/markdown.js';
import { renderPcapng } from './pcapng/pcapng.js';
import { renderSarif } from './sarif.js';
import { tar } from './tar.js';
import { renderText } from './text.js';

export const REPORT_FORMATS = ['html', 'md', 'json', 'text', 'pcapng', 'junit', 'sarif', 'bundle'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** A file of a report, ready to be written. */
export interface ReportFile {
  readonly name: string;
  readonly content: Uint8Array;
  readonly about: string;
}

export interface FilesOptions {
  /** From which level on a finding fails in JUnit and SARIF. @default 'error' */
  readonly failOn?: FailOn;
}

const BUNDLED: readonly ReportFormat[] = ['json', 'text', 'junit', 'sarif', 'pcapng'];

/** The files of a report, with the page and the Markdown last: these list the others with their sums. */
export const reportFiles = (
  run: Run,
  formats: readonly ReportFormat[],
  options: FilesOptions = {},
): readonly ReportFile[] => {
  const bundle = formats.includes('bundle');
  const wanted = REPORT_FORMATS.filter((format) => format !== 'bundle' && (bundle || formats.includes(format)));
  const beside = BUNDLED.filter((format) => wanted.includes(format)).flatMap((format) => filesOf(run, format, options));
  const listed = beside.map(listedFile);
  const pages = wanted.flatMap((format): readonly ReportFile[] => {
    if (format === 'md') return [file(run, '.md', renderMarkdown(run, listed), 'for the body of an issue')];
    return format === 'html' ? [file(run, '.html', renderHtml(run, listed), 'the report; open it in a browser')] : [];
  });
  const files = [...beside, ...pages];
  return bundle ? [bundleOf(run, files)] : files;
};

const filesOf = (run: Run, format: ReportFormat, { failOn }: FilesOptions): readonly ReportFile[] => {
  if (format === 'json') return [file(run, '.json', renderJson(run), 'the run document; vethoscope show reads it')];
  if (format === 'text')
    return [
      file(
        run,
        '.txt',
        renderText(run, { form: 'full', color: false, ascii: false, width: 80 }),
        'the diagnosis as text',
      ),
    ];
  if (format === 'junit') return [file(run, '.junit.xml', renderJunit(run, failOn), 'JUnit results')];
  if (format === 'sarif') return [file(run, '.sarif', renderSarif(run, failOn), 'SARIF results')];
  return captureFiles(run);
};

const captureFiles = (run: Run): readonly ReportFile[] => {
  const all = renderPcapng(run);
  if (all === null) return [];
  const hops = run.path.hops.filter((hop) => hop.captured);
  return [
    { name: `${stem(run)}-all.pcapng`, content: all, about: 'all hops, one interface each; open it in Wireshark' },
    ...hops.flatMap((hop): readonly ReportFile[] => {
      const content = renderPcapng(run, hop.id);
      return content === null
        ? []
        : [
            {
              name: `${stem(run)}-hop${hop.id.replace(/\D/g, '')}.pcapng`,
              content,
              about: `packets of hop ${hop.id.replace(/\D/g, '')} alone`,
            },
          ];
    }),
  ];
};

/** A document from elsewhere may have any text for an id; a file name may not. */
const stem = (run: Run): string => `run-${run.run.id.replace(/[^0-9A-Za-z]/g, '').slice(0, 40) || 'unnamed'}`;

const file = (run: Run, ending: string, text: string, about: string): ReportFile => ({
  name: `${stem(run)}${ending}`,
  content: Buffer.from(text, 'utf8'),
  about,
});

const sum = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

const listedFile = ({ name, content, about }: ReportFile): ListedFile => ({
  name,
  bytes: content.length,
  sha256: sum(content),
  about,
});

/** One archive with all files in a folder of their own, and their sums as `sha256sum -c` reads them. */
const bundleOf = (run: Run, files: readonly ReportFile[]): ReportFile => {
  const folder = `vethoscope-${stem(run)}`;
  const sums = files.map(({ name, content }) => `${sum(content)}  ${name}\n`).join('');
  const entries = [...files, { name: 'SHA256SUMS', content: Buffer.from(sums, 'utf8') }];
  const archive = tar(
    entries.map(({ name, content }) => ({ name: `${folder}/${name}`, content })),
    Date.parse(run.run.started) / 1000,
  );
  return { name: `${folder}.tar.gz`, content: gzipSync(archive), about: 'all files and their sums' };
};
