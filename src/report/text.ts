import { inert, quoteWords } from '../model/inert.js';
import type { Stage } from '../model/path.js';
import type { Run, RunFinding } from '../model/run.js';
import { drawPath, isStageKnown } from './draw-path.js';
import { type Style, styleOf, type TextOptions } from './style.js';
import { wrap, wrapCommand } from './wrap.js';

/** The diagnosis as text, in the ten parts of the full form, the short form for 24 lines, or one line. */
export const renderText = (run: Run, options: TextOptions): string => {
  const style = styleOf(options);
  const width = Math.max(40, options.width);
  const lines =
    options.form === 'quiet'
      ? [headline(run, style)]
      : options.form === 'short'
        ? shortForm(run, style, width)
        : fullForm(run, style, width);
  const text = `${withoutDoubleBlanks(lines.map((line) => line.trimEnd())).join('\n')}\n`;
  return options.ascii ? toAscii(text) : text;
};

const toAscii = (text: string): string =>
  text
    .replaceAll('·', '-')
    .replaceAll('…', '...')
    .replace(/[^\n\x20-\x7e\u001b]/g, '?');

const withoutDoubleBlanks = (lines: readonly string[]): readonly string[] =>
  lines.filter((line, index) => line !== '' || lines[index - 1] !== '');

const rootOf = (run: Run): RunFinding | null => run.findings.find((finding) => finding.rank === 'root') ?? null;
const behind = (run: Run): readonly RunFinding[] => run.findings.filter((finding) => finding.rank === 'behind');

const headline = (run: Run, style: Style): string => {
  const { status, code, title } = run.diagnosis;
  const text = inert(title);
  if (status === 'ok') return `${style.good('ok')}: ${text}`;
  if (status === 'inconclusive') return `${style.warning('inconclusive')}: ${text}`;
  const label = `${status === 'degraded' ? 'warning' : 'error'}${code ? `[${code}]` : ''}`;
  return `${status === 'degraded' ? style.warning(label) : style.error(label)}: ${text}`;
};

const placeLines = (run: Run, width: number): readonly string[] => {
  const { brokenLink, direction } = run.diagnosis;
  const host = inert(run.run.hostname);
  if (!brokenLink)
    return wrap(`${host}, ${inert(run.target.name)} to ${inert(run.flow.destinationText)}`, width, '  --> ', '      ');
  const name = (id: string): string => {
    const hop = run.path.hops.find((candidate) => candidate.id === id);
    if (!hop || hop.role === 'socket') return `the ${run.flow.kind === 'inbound' ? 'host' : 'container'}'s socket`;
    return `hop ${hop.id.slice(1)} ${inert(hop.ifname ?? hop.role)}`;
  };
  const way = direction === 'return' ? 'reply direction' : run.flow.kind === 'inbound' ? 'inbound' : 'outbound';
  const stage = isStageKnown(run) ? `${brokenLink.stage} ` : '';
  const place = `${host}, ${stage}between ${name(brokenLink.from)} and ${name(brokenLink.to)}, ${way}`;
  return wrap(place, width, '  --> ', '      ');
};

/** What the runtime says of the target and no hop shows. */
const targetNotes = (run: Run, width: number): readonly string[] =>
  (run.target.notes ?? []).flatMap((note) => wrap(inert(note), width, '   note: ', '         '));

const footer = (run: Run): string => {
  const seconds = (run.run.durationMs / 1000).toFixed(1);
  return `run ${run.run.id}  ${run.run.started.replace('T', ' ').replace(/\.\d+Z$/, 'Z')}  took ${seconds} s  ${changes(run)}`;
};

const changes = (run: Run): string =>
  `${run.run.changesMade} change${run.run.changesMade === 1 ? '' : 's'} made to this host`;

/** Families of codes that a person would suspect for a link with a given stage. */
const SUSPECTED: readonly (readonly [Stage, RegExp])[] = [
  ['output', /^V[12]/],
  ['veth', /^V2/],
  ['bridge-forward', /^V2/],
  ['wire', /^V[567]/],
  ['prerouting', /^V[346]/],
];

/** What was ruled out of that which a person would suspect where the packets are lost. */
const suspects = (run: Run): Run['ruledOut'] => {
  const { brokenLink } = run.diagnosis;
  const stages =
    run.path.links.find((link) => link.from === brokenLink?.from && link.to === brokenLink.to)?.stages ?? [];
  const family = SUSPECTED.find(([stage]) => stages.includes(stage))?.[1];
  return family ? run.ruledOut.filter((out) => family.test(out.code)) : [];
};

const rewriteLines = (run: Run, width: number): readonly string[] => {
  const name = (id: string) => inert(run.path.hops.find((hop) => hop.id === id)?.ifname ?? id);
  return run.diagnosis.rewrites
    .filter((rewrite) => rewrite.way === 'forward')
    .flatMap((rewrite) =>
      wrap(
        `${rewrite.field} ${rewrite.before} left ${name(rewrite.toHop)} as ${rewrite.after}`,
        width,
        '   NAT: ',
        '        ',
      ),
    );
};

const sizeLines = ({ diagnosis: { aboutSize } }: Run, width: number): readonly string[] =>
  aboutSize === undefined ? [] : wrap(inert(aboutSize), width, '   size: ', '         ');

const connectionLines = ({ diagnosis: { connection = [] } }: Run, width: number): readonly string[] =>
  connection.flatMap((line) => wrap(inert(line), width, '   ', '     '));

/** Other flows that matched the user's filter. */
const otherFlows = ({ evidence }: Run, width: number): readonly string[] => {
  const [, ...others] = evidence?.traffic?.flows ?? [];
  if (others.length === 0) return [];
  const unanswered = others.filter(({ sent, answered }) => answered < sent).length;
  const text = `${others.length} more flow${others.length === 1 ? '' : 's'} seen, ${unanswered} of them waiting for an answer`;
  return wrap(text, width, '   also: ', '         ');
};

/** Lines of evidence in the short form, which is for 24 lines in all. */
const SHORT_EVIDENCE = 4;

const clipped = (lines: readonly string[]): readonly string[] =>
  lines.length <= SHORT_EVIDENCE ? lines : [...lines.slice(0, SHORT_EVIDENCE - 1), '          … (-v shows all)'];

const shortForm = (run: Run, style: Style, width: number): readonly string[] => {
  const root = rootOf(run);
  const lines = [
    headline(run, style),
    ...placeLines(run, width),
    ...targetNotes(run, width),
    '',
    ...drawPath(run, style, width),
    ...rewriteLines(run, width),
    ...sizeLines(run, width),
    ...connectionLines(run, width),
    ...otherFlows(run, width),
    '',
  ];
  if (run.diagnosis.status === 'inconclusive')
    for (const doubt of run.diagnosis.doubts) lines.push(...wrap(inert(doubt), width, 'why:      ', '          '));
  if (root) {
    const evidence = root.evidence.map((proof) => inert(proof.text)).join('; ');
    lines.push(...clipped(wrap(evidence, width, 'evidence: ', '          ')));
    if (root.origin?.file) lines.push(`owner:    ${inert(`${root.origin.owner} ${root.origin.file}`)}`);
    const [remedy] = root.remedies;
    if (remedy) {
      if (remedy.commands.length === 0) lines.push(...wrap(inert(remedy.title), width, 'help:     ', '          '));
      remedy.commands.forEach((command, index) => {
        const [first = '', ...rest] = wrapCommand(quoteWords(command), width, '          ');
        lines.push(index === 0 ? `help:     ${first.trimStart()}` : first, ...rest);
      });
      lines.push(...wrap(`${remedy.risk}: ${inert(remedy.riskText)}`, width, 'risk:     ', '          '));
    }
  }
  for (const finding of behind(run))
    lines.push(...wrap(`${finding.code} ${inert(finding.title)}`, width, 'behind:   ', '          '));
  const sure = run.diagnosis.confidence ? `${run.diagnosis.confidence} · ` : '';
  lines.push(
    '',
    style.faint(
      `${sure}${(run.run.durationMs / 1000).toFixed(1)} s · ${run.run.changesMade} changes made · more: vethoscope show ${run.run.id} -v`,
    ),
  );
  return lines;
};

const fullForm = (run: Run, style: Style, width: number): readonly string[] => {
  const root = rootOf(run);
  const lines = [
    headline(run, style),
    ...placeLines(run, width),
    ...targetNotes(run, width),
    '',
    ...drawPath(run, style, width),
    ...rewriteLines(run, width),
    ...sizeLines(run, width),
    ...connectionLines(run, width),
    ...otherFlows(run, width),
    '',
  ];
  if (run.diagnosis.status === 'inconclusive') {
    lines.push('why this is not decided:');
    for (const doubt of run.diagnosis.doubts) lines.push(...wrap(inert(doubt), width, '  - ', '    '));
  }
  if (root) lines.push(...evidenceLines(root, width));
  if (root) {
    const reasons = suspects(run).map((out) => inert(out.because));
    if (reasons.length > 0) lines.push('ruled out:', ...wrap([...new Set(reasons)].join('; '), width, '  ', '  '));
  }
  if (root?.origin)
    lines.push(
      'owner:',
      `  ${inert([root.origin.owner, root.origin.file, root.origin.line].filter((part) => part !== undefined).join(':'))}`,
    );
  if (root) lines.push('', ...remedyLines(root, width), ...noteLines(root, width));
  for (const finding of behind(run)) {
    lines.push('', ...wrap(`${finding.code}: ${inert(finding.title)}`, width, 'behind it, ', '      '));
    lines.push(...(isMendedBy(finding, root) ? ['help: the same as above'] : remedyLines(finding, width)));
  }
  if (run.limits.length > 0) {
    lines.push('', 'not available:');
    for (const limit of run.limits)
      lines.push(
        ...wrap(
          inert(`${limit.what}: ${limit.why}${limit.install ? ` (${limit.install})` : ''}`),
          width,
          '  - ',
          '    ',
        ),
      );
  }
  lines.push('');
  if (run.diagnosis.confidence) {
    const kinds = [...new Set(root?.evidence.map((proof) => proof.kind))].join(', ');
    lines.push(`confidence: ${run.diagnosis.confidence} (${kinds})`);
  }
  if (run.diagnosis.code) lines.push(`explain: vethoscope explain ${run.diagnosis.code}`);
  lines.push(...wrap(footer(run), width));
  return lines;
};

const evidenceLines = (root: RunFinding, width: number): readonly string[] => [
  'evidence:',
  ...root.evidence.flatMap((proof, index) => [
    ...wrap(inert(proof.text), width, `  ${index + 1} ${proof.kind.padEnd(8)} `, ' '.repeat(13)),
    ...(proof.command ? wrapCommand(quoteWords(proof.command), width, ' '.repeat(13)) : []),
  ]),
];

const remedyLines = (finding: RunFinding, width: number): readonly string[] =>
  finding.remedies.flatMap((remedy) => [
    ...wrap(inert(remedy.title), width, 'help: ', '      '),
    ...remedy.commands.flatMap((command) => wrapCommand(quoteWords(command), width, '      ')),
    ...(remedy.undo.length > 0
      ? ['undo:', ...remedy.undo.flatMap((command) => wrapCommand(quoteWords(command), width, '      '))]
      : []),
    ...wrap(`${remedy.risk}. ${sentence(inert(remedy.riskText))}`, width, 'risk: ', '      '),
  ]);

/** With a capital, unless it begins with a name, which has one only if it has one. */
const sentence = (text: string): string =>
  /^[a-z]+[ ,;]/.test(text) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;

/** Whether a remedy of the root does the very same. */
const isMendedBy = (finding: RunFinding, root: RunFinding | null): boolean => {
  const commandsOf = (remedies: RunFinding['remedies']) =>
    remedies.filter(({ commands }) => commands.length > 0).map(({ commands }) => JSON.stringify(commands));
  const known = commandsOf(root?.remedies ?? []);
  const [own] = commandsOf(finding.remedies);
  return own !== undefined && known.includes(own);
};

const noteLines = (finding: RunFinding, width: number): readonly string[] =>
  (finding.notes ?? []).flatMap((note) => wrap(inert(note), width, 'note: ', '      '));
