import type { Remedy } from '../../model/finding.js';
import { shellQuote } from '../../model/inert.js';
import type { Run, RunFinding } from '../../model/run.js';
import { clip } from '../clip.js';
import { drawPath } from '../draw-path.js';
import { netnsTitle, ofRank, plural, rootOf, stageWords, startedWords, statusLabel } from '../facts.js';
import type { ListedFile } from '../html/sections-run.js';
import { limitLines } from '../limits.js';
import { story } from '../story.js';
import { styleOf } from '../style.js';
import { codeSpan, fence, plain, tableOf } from './escape.js';
import { mermaid } from './mermaid.js';

/** GitHub takes 65,536 characters for an issue. */
const MOST_CHARACTERS = 60_000;
const MOST_OUTPUT = 1500;
const MOST_ITEMS = 40;
const DRAWING_WIDTH = 100;

/** The report for the body of an issue or a ticket: GitHub's Markdown, under 60,000 characters, nothing in it active. */
export const renderMarkdown = (run: Run, files: readonly ListedFile[] = []): string => {
  const blocks = [
    ...headBlocks(run),
    ...pathBlocks(run),
    ['## What happened', ...story(run).map(plain)].join('\n\n'),
    ...evidenceBlocks(run),
    ...fixBlocks(run),
    ...causeBlocks(run),
    ...ruledOutBlocks(run),
    `## Changes and undo\n\n${run.run.changesMade === 0 ? 'None: this run changed nothing that lasts.' : `${plain(plural(run.run.changesMade, 'change'))}: ${codeSpan(`sudo vethoscope undo ${run.run.id}`)}`}`,
    listBlock('## Limits', limitLines(run).map(plain)),
    redactionBlock(run),
    ...(files.length === 0
      ? []
      : [
          `## Files\n\n${tableOf(
            ['file', 'bytes', 'sha256'],
            files.map((file) => [codeSpan(file.name), `${file.bytes}`, codeSpan(file.sha256)]),
          )}`,
        ]),
  ];
  return fitted(blocks, footer(run));
};

/** Blocks that do not fit are left out whole, so that no fence stays open; the first one is replaced by a note. */
const fitted = (blocks: readonly string[], end: string): string => {
  const note = 'Left out here, because the text would be too long for an issue: the rest is in the HTML report.';
  const kept: string[] = [];
  let room = MOST_CHARACTERS - end.length - note.length - 8;
  for (const block of blocks) {
    if (block.length + 2 > room) {
      if (!kept.includes(note)) kept.push(note);
      continue;
    }
    kept.push(block);
    room -= block.length + 2;
  }
  return `${[...kept, end].join('\n\n')}\n`;
};

const headBlocks = (run: Run): readonly string[] => [
  `# ${plain(statusLabel(run))}: ${plain(run.diagnosis.title)}`,
  [
    plain(run.run.hostname),
    `${plain(run.target.name)} to ${plain(run.flow.destinationText)}`,
    plain(startedWords(run)),
    ...(run.diagnosis.confidence ? [plain(`confidence: ${run.diagnosis.confidence}`)] : []),
    plain(`${plural(run.run.changesMade, 'change')} made`),
    run.run.redacted ? 'redacted' : '**NOT REDACTED**',
    `run ${codeSpan(run.run.id)}`,
  ].join(' · '),
];

const pathBlocks = (run: Run): readonly string[] => [
  '## Path',
  fence(
    drawPath(run, styleOf({ color: false, ascii: true }), DRAWING_WIDTH).map((line) => clip(line, 200)),
    'text',
  ),
  ['```mermaid', ...mermaid(run), '```'].join('\n'),
];

const evidenceBlocks = (run: Run): readonly string[] => {
  const proofs = rootOf(run)?.evidence ?? [];
  if (proofs.length === 0)
    return [listBlock('## Evidence', run.diagnosis.doubts.map(plain), plain(run.diagnosis.summary))];
  return [
    '## Evidence',
    ...proofs.slice(0, MOST_ITEMS).map((proof, index) => {
      const command = proof.command ? [fence([shellQuote(proof.command)], 'sh')] : [];
      const output = proof.output ? [fence(clip(proof.output, MOST_OUTPUT).split('\n'), 'text')] : [];
      return [
        `${index + 1}. **${plain(proof.kind)}** ${plain(proof.text)}`,
        ...[...command, ...output].map(indented),
      ].join('\n\n');
    }),
  ];
};

const indented = (block: string): string =>
  block
    .split('\n')
    .map((line) => `   ${line}`)
    .join('\n');

const fixBlocks = (run: Run): readonly string[] => {
  const mends = [...ofRank(run, 'root'), ...ofRank(run, 'behind')].filter((finding) => finding.remedies.length > 0);
  if (mends.length === 0) return [];
  return [
    '## Fix',
    ...mends.flatMap((finding) => [
      ...(mends.length > 1 ? [`### ${plain(finding.code)} ${plain(finding.title)}`] : []),
      ...finding.remedies.map((remedy) => remedyBlock(run, remedy)),
    ]),
  ];
};

const remedyBlock = (run: Run, remedy: Remedy): string =>
  [
    `**${plain(remedy.kind)}**, on ${plain(netnsTitle(run, remedy.netns))}: ${plain(remedy.title)}`,
    ...(remedy.commands.length > 0 ? [fence(remedy.commands.map(shellQuote), 'sh')] : []),
    ...(remedy.undo.length > 0 ? ['Undo:', fence(remedy.undo.map(shellQuote), 'sh')] : []),
    `Risk ${plain(remedy.risk)}: ${plain(remedy.riskText)}`,
  ].join('\n\n');

const causeBlocks = (run: Run): readonly string[] => {
  const root = rootOf(run);
  if (!root) return [];
  const others = [...ofRank(run, 'behind'), ...ofRank(run, 'noticed')];
  return [
    ['## Cause and owner', causeLine(run, root)].join('\n\n'),
    ...(root.notes?.length ? [root.notes.map((note) => `- ${plain(note)}`).join('\n')] : []),
    ...(others.length > 0
      ? [others.map((other) => `- ${plain(other.rank)}: ${plain(other.code)} ${plain(other.title)}`).join('\n')]
      : []),
  ];
};

const causeLine = (run: Run, root: RunFinding): string => {
  const file = root.origin?.file
    ? `, ${codeSpan([root.origin.file, root.origin.line].filter((part) => part !== undefined).join(':'))}`
    : '';
  const owner = root.origin ? `set by ${plain(root.origin.owner)}${file}` : 'owner not known';
  const object = root.object ? `, ${codeSpan(root.object)}` : '';
  return `${plain(root.cause)} at ${plain(stageWords(root.stage))} of ${plain(netnsTitle(run, root.netns))}${object}; ${owner}. Page: ${codeSpan(`vethoscope explain ${root.code}`)}`;
};

const ruledOutBlocks = (run: Run): readonly string[] =>
  run.ruledOut.length === 0
    ? []
    : [
        `## Ruled out\n\n${tableOf(
          ['check', 'because'],
          run.ruledOut.slice(0, MOST_ITEMS).map((out) => [plain(out.check), plain(out.because)]),
        )}`,
      ];

const listBlock = (title: string, items: readonly string[], empty = 'None.'): string =>
  [
    title,
    items.length === 0
      ? empty
      : items
          .slice(0, MOST_ITEMS)
          .map((item) => `- ${item}`)
          .join('\n'),
  ].join('\n\n');

const redactionBlock = (run: Run): string => {
  if (!run.run.redacted) return '## Redaction\n\n**Not redacted**: addresses and names are the real ones.';
  const kinds = Object.entries(run.redactions ?? {}).map(([kind, count]) => `${plain(kind)}: ${plain(String(count))}`);
  return listBlock('## Redaction', kinds, 'Nothing had to be replaced.');
};

const footer = (run: Run): string =>
  `---\n\n${plain(run.tool.name)} ${plain(run.tool.version)}, ${codeSpan(shellQuote(['vethoscope', ...run.run.argv]))}, ${plain(run.schema)} ${plain(run.formatVersion)}`;
