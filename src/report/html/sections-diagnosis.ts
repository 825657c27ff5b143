import type { Proof, Remedy } from '../../model/finding.js';
import type { Run, RunFinding } from '../../model/run.js';
import { hopNumber, hopTitle, netnsTitle, ofRank, plural, rootOf, shownHops, stageWords } from '../facts.js';
import { story } from '../story.js';
import { type Child, el, fragment, type Markup } from './element.js';
import { code, command, commands, facts, fold, list, output, section, table } from './parts.js';
import { pathNotes, pathSvg } from './path-svg.js';

export const pathSection = (run: Run): Markup =>
  section(
    1,
    'path',
    'Path',
    el('div', { class: 'figure', tabindex: 0, role: 'group', 'aria-label': 'path of the packets' }, pathSvg(run)),
    pathNotes(run).map((note) => el('p', { class: note.kind }, note.text)),
    fold(
      'the same as a table',
      table(
        'Packets seen at each hop',
        ['hop', 'interface', 'role', 'in', 'requests', 'replies', 'capture'],
        shownHops(run).map((hop) => [
          hopNumber(hop),
          code(hopTitle(run, hop)),
          hop.role,
          netnsTitle(run, hop.netns),
          hop.captured ? `${hop.forward.seen} of ${hop.forward.of}` : '?',
          hop.captured ? `${hop.return.seen} of ${hop.return.of}` : '?',
          hop.captured ? `ran, ${hop.captureDropped ?? '?'} lost by it` : (hop.note ?? 'not captured'),
        ]),
      ),
    ),
  );

export const storySection = (run: Run): Markup =>
  section(
    2,
    'what-happened',
    'What happened',
    story(run).map((sentence) => el('p', { class: 'story' }, sentence)),
  );

const KNOWN: Readonly<Record<Proof['kind'], string>> = {
  seen: 'packets were captured',
  read: 'state was read',
  asked: 'the kernel was asked',
  counted: 'a counter moved',
  kernel: 'the kernel reported a drop',
  control: 'a second probe works',
  inferred: 'concluded, not observed',
};

export const evidenceSection = (run: Run): Markup => {
  const root = rootOf(run);
  const proof = root?.evidence ?? [];
  if (!root || proof.length === 0)
    return section(
      3,
      'evidence',
      'Evidence',
      run.diagnosis.doubts.length > 0 ? list(run.diagnosis.doubts) : el('p', {}, run.diagnosis.summary),
    );
  return section(3, 'evidence', 'Evidence', el('ol', { class: 'proofs' }, proof.map(proofItem)));
};

const proofItem = (proof: Proof): Markup =>
  el(
    'li',
    {},
    el('p', {}, el('span', { class: 'kind', title: KNOWN[proof.kind] ?? '' }, proof.kind), ' ', proof.text),
    proof.command ? command(proof.command) : null,
    proof.output ? output(proof.output) : null,
  );

export const ruledOutSection = (run: Run): Markup => {
  const rows = run.ruledOut.map((out) => [
    el('span', { class: 'nowrap' }, code(out.code), ' ', out.check),
    out.because,
  ]);
  return section(
    4,
    'ruled-out',
    'Ruled out',
    rows.length === 0
      ? el('p', {}, 'Nothing was ruled out: no check could decide.')
      : table(`${plural(rows.length, 'check')} that passed, and why`, ['check', 'because'], rows),
  );
};

export const causeSection = (run: Run): Markup => {
  const root = rootOf(run);
  const others = [...ofRank(run, 'behind'), ...ofRank(run, 'noticed')];
  return section(
    5,
    'cause',
    'Cause and owner',
    root
      ? causeFacts(run, root)
      : el('p', {}, run.diagnosis.status === 'ok' ? 'No fault was found.' : 'No cause was found.'),
    root?.notes?.length ? fragment(el('h3', {}, 'Notes'), list(root.notes)) : null,
    others.length === 0
      ? null
      : fragment(
          el('h3', {}, 'What stands behind it, and what was noticed'),
          list(
            others.map((finding) => [
              el('span', { class: 'kind' }, finding.rank),
              ' ',
              code(finding.code),
              ' ',
              finding.title,
            ]),
          ),
        ),
  );
};

const causeFacts = (run: Run, root: RunFinding): Markup =>
  facts([
    ['cause', [code(root.code), ' ', root.cause]],
    ['what', root.title],
    ['where', `${netnsTitle(run, root.netns)}, ${stageWords(root.stage)}${root.device ? `, ${root.device}` : ''}`],
    ['object', root.object ? code(root.object) : null],
    ['owner', root.origin?.owner ?? 'not known'],
    [
      'set in',
      root.origin?.file
        ? code([root.origin.file, root.origin.line].filter((part) => part !== undefined).join(':'))
        : null,
    ],
    ['confidence', `${root.confidence} (${[...new Set(root.evidence.map((proof) => proof.kind))].join(', ')})`],
    [
      'kernel',
      run.kernelDrops.length === 0
        ? null
        : list(
            run.kernelDrops.map(
              (drop) => `${drop.reason} in ${drop.function}${drop.device ? ` on ${drop.device}` : ''}`,
            ),
          ),
    ],
    ['explain', code(`vethoscope explain ${root.code}`)],
  ]);

export const fixSection = (run: Run): Markup => {
  const mends = [...ofRank(run, 'root'), ...ofRank(run, 'behind')].filter((finding) => finding.remedies.length > 0);
  return section(
    6,
    'fix',
    'Fix',
    mends.length === 0 ? el('p', {}, 'There is nothing to mend here.') : null,
    mends.map((finding) =>
      fragment(
        mends.length > 1 ? el('h3', {}, `${finding.code} ${finding.title}`) : null,
        finding.remedies.map((remedy) => remedyCard(run, remedy)),
      ),
    ),
    mends.some((finding) => finding.remedies.some((remedy) => remedy.commands.length > 0))
      ? el('p', { class: 'aside' }, 'With plan, undo and verification: ', code(`sudo vethoscope fix ${run.run.id}`))
      : null,
  );
};

const remedyCard = (run: Run, remedy: Remedy): Markup => {
  const rows: readonly (readonly [string, Child])[] = [
    ['run on', netnsTitle(run, remedy.netns)],
    ['risk', [el('span', { class: `risk ${remedy.risk}` }, remedy.risk), ' ', remedy.riskText]],
    ['undo', remedy.undo.length > 0 ? commands(remedy.undo) : null],
  ];
  return el(
    'div',
    { class: 'remedy' },
    el('p', {}, el('span', { class: 'kind' }, remedy.kind), ' ', remedy.title),
    commands(remedy.commands),
    facts(rows),
  );
};
