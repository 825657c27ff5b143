import { shellQuote } from '../../model/inert.js';
import type { Run, RunFinding } from '../../model/run.js';
import type { TraceState } from '../store/trace-state.js';
import { BLANK, type Line, line, span, type Tone } from './line.js';
import { paragraph, pieces } from './wrap.js';

/** The finding that explains the loss. */
export const rootOf = (run: Run): RunFinding | null => run.findings.find(({ rank }) => rank === 'root') ?? null;

/** The commands of the first fix of the root cause, as a person pastes them. */
export const fixText = (run: Run): string | null => {
  const commands = rootOf(run)?.remedies.find(({ commands: own }) => own.length > 0)?.commands ?? [];
  return commands.length === 0 ? null : commands.map(shellQuote).join('\n');
};

const PHASE: Readonly<Record<string, string>> = {
  resolve: 'looking up the target and the destination',
  discover: 'following the path',
  listen: 'starting the captures',
  probe: 'probing',
  settle: 'waiting for the last packets',
  diagnose: 'diagnosing',
};

/** What is known of the cause: what goes on while the trace runs, the diagnosis after it. */
export const diagnosisLines = (state: TraceState, columns: number, height: number): readonly Line[] => {
  if (state.failure)
    return [
      ...paragraph('error', state.failure.message, columns, 'fault'),
      ...(state.failure.hint ? paragraph('hint', state.failure.hint, columns) : []),
      BLANK,
      line('p probes again'),
    ];
  if (state.status === 'stopped') return [line('stopped before a diagnosis', 'warn')];
  if (state.run === null) return [line(`${(state.phase && PHASE[state.phase]) || 'starting'} ...`, 'faint')];
  return fitting(state.run, columns, height);
};

const HEAD: Readonly<Record<Run['diagnosis']['status'], readonly [string, Tone]>> = {
  ok: ['ok', 'ok'],
  degraded: ['warning', 'warn'],
  fault: ['error', 'fault'],
  inconclusive: ['inconclusive', 'warn'],
};

/** As much of the evidence as leaves room for the fix and its risk. */
const fitting = (run: Run, columns: number, height: number): readonly Line[] => {
  const most = Math.max(rootOf(run)?.evidence.length ?? 1, 1);
  for (let evidence = most; evidence > 1; evidence -= 1) {
    const lines = ofRun(run, columns, evidence);
    if (lines.length <= height) return lines;
  }
  return ofRun(run, columns, 1);
};

const ofRun = (run: Run, columns: number, evidence: number): readonly Line[] => {
  const { status, code, title, doubts } = run.diagnosis;
  const [word, tone] = HEAD[status];
  const head = `${word}${code ? `[${code}]` : ''} `;
  const root = rootOf(run);
  return [
    ...pieces(`${head}${title}`, columns).map((text, index) =>
      index === 0 && text.startsWith(head)
        ? [span(head, tone), span(text.slice(head.length), 'strong')]
        : line(text, 'strong'),
    ),
    ...doubts.flatMap((doubt) => paragraph('why', doubt, columns)),
    ...(root ? rootLines(root, columns, evidence) : []),
    ...(root ? [] : answerLines(run, columns)),
    ...run.findings
      .filter(({ rank }) => rank === 'behind')
      .flatMap((finding) => paragraph('then', `${finding.code} ${finding.title}`, columns, 'warn')),
    ...run.limits.flatMap(({ what, why }) => paragraph('limit', `${what}: ${why}`, columns, 'faint')),
  ];
};

const rootLines = (root: RunFinding, columns: number, evidence: number): readonly Line[] => {
  const [first, ...more] = root.evidence.slice(0, evidence);
  const remedy = root.remedies[0];
  const commands = remedy?.commands.map(shellQuote) ?? [];
  return [
    ...(first ? paragraph('why', first.text, columns) : []),
    ...more.flatMap(({ text }) => paragraph('', text, columns)),
    ...(root.origin
      ? paragraph(
          'set',
          [root.origin.owner, root.origin.file, root.origin.line].filter((part) => part !== undefined).join(':'),
          columns,
        )
      : []),
    ...(remedy && commands.length === 0 ? paragraph('fix', remedy.title, columns) : []),
    ...commands.flatMap((command, index) => paragraph(index === 0 ? 'fix' : '', command, columns, 'info')),
    ...(remedy ? paragraph('risk', `${remedy.risk}: ${remedy.riskText}`, columns) : []),
  ];
};

/** What a flow that works shows instead of a cause. */
const answerLines = (run: Run, columns: number): readonly Line[] => {
  const times = (run.probe?.answers ?? []).flatMap(({ rttMs }) => (rttMs === null ? [] : [rttMs]));
  const nat = run.diagnosis.rewrites.filter(({ way }) => way === 'forward');
  return [
    ...(times.length > 0
      ? paragraph(
          'time',
          `answers after ${Math.min(...times).toFixed(2)} to ${Math.max(...times).toFixed(2)} ms`,
          columns,
        )
      : []),
    ...nat.flatMap(({ field, before, after }) =>
      paragraph('NAT', `${field} ${before} leaves as ${after}`, columns, 'info'),
    ),
  ];
};
