import type { CheckDoubt, CheckPhase, CheckReport, CheckRule, PhaseResult } from '../model/check-report.js';
import type { Way } from '../model/flow.js';
import { inert } from '../model/inert.js';
import { type Style, styleOf, type TextOptions } from './style.js';
import { wrap } from './wrap.js';

/** The walk as numbered phases, then what follows from them; the conclusion alone in the form `quiet`. */
export const renderCheckText = (report: CheckReport, options: TextOptions): string => {
  const style = styleOf(options);
  const width = Math.max(60, options.width);
  const lines = options.form === 'quiet' ? [headline(report, style)] : allLines(report, style, width, options.form);
  const text = `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
  return options.ascii ? text.replace(/[^\n\x20-\x7e\u001b]/g, '?') : text;
};

const headline = ({ conclusion: { verdict, title } }: CheckReport, style: Style): string => {
  const paint = verdict === 'accepted' ? style.good : verdict === 'dropped' ? style.error : style.warning;
  const word = verdict === 'accepted' ? 'ok' : verdict === 'dropped' ? 'fault' : 'inconclusive';
  return `${paint(word)}: ${inert(title)}`;
};

const allLines = (report: CheckReport, style: Style, width: number, form: TextOptions['form']): readonly string[] => {
  const { phases, conclusion, assumptions, limits } = report;
  const behind = phases.filter(({ number }) => conclusion.behind.includes(number));
  return [
    `check: ${asked(report)}; nothing was sent`,
    ...wayLines(report, 'forward', 'request', style, width, form),
    ...wayLines(report, 'return', 'answer', style, width, form),
    '',
    headline(report, style),
    ...deciding(report, width),
    ...behind.flatMap((phase) =>
      wrap(
        `${phase.number} ${phase.title} of ${phase.netns}: ${inert(phase.because)}`,
        width,
        'behind:  ',
        '         ',
      ),
    ),
    ...(conclusion.verdict === 'depends' ? doubtLines(conclusion.hangsOn, width) : []),
    ...assumptions.flatMap((text) => wrap(inert(text), width, 'assumed: ', '         ')),
    ...limits.flatMap(({ what, why }) => wrap(inert(`${what}: ${why}`), width, 'limit:   ', '         ')),
  ];
};

const asked = ({ target, flow, from }: CheckReport): string => {
  const where = from === 'host' ? '' : from === 'run' ? ', from a stored run' : ', from files';
  const source = flow.source === null ? '' : ` from ${flow.source}`;
  const port = flow.port === null ? '' : ` port ${flow.port}`;
  return `${inert(target)}: ${flow.protocol}${source} to ${inert(flow.destinationText)}${port}${where}`;
};

const wayLines = (
  { phases }: CheckReport,
  way: Way,
  title: string,
  style: Style,
  width: number,
  form: TextOptions['form'],
): readonly string[] => {
  const own = phases.filter((phase) => phase.way === way);
  return own.length === 0 ? [] : ['', `${title}:`, ...own.flatMap((phase) => phaseLines(phase, style, width, form))];
};

const WORD: Readonly<Record<PhaseResult, string>> = {
  pass: 'pass',
  drop: 'DROP',
  reject: 'REJECT',
  unknown: 'unknown',
};

const phaseLines = (phase: CheckPhase, style: Style, width: number, form: TextOptions['form']): readonly string[] => {
  const { number, netns, title, result, because, rule, rewrites } = phase;
  const paint = result === 'pass' ? style.faint : result === 'unknown' ? style.warning : style.error;
  const head = `${String(number).padStart(3)}  ${WORD[result].padEnd(7)}  ${inert(netns).padEnd(6)}  ${title.padEnd(12)}  `;
  const indent = ' '.repeat(22);
  const [first = '', ...rest] = wrap(inert(because), width, head, `${indent}    `);
  const lines = [first.replace(WORD[result], paint(WORD[result])), ...rest];
  if (rule !== null && (result !== 'pass' || form === 'full')) lines.push(...wrap(placeOf(rule), width, indent));
  for (const { field, before, after } of rewrites)
    lines.push(...wrap(`${field} ${before} becomes ${after}`, width, indent));
  return lines;
};

const BACKENDS: Readonly<Record<string, string>> = {
  legacy: 'iptables-legacy',
  nft: 'iptables-nft',
  nftables: 'nftables',
};

/** Where a rule stands and what it has counted. */
const placeOf = ({ backend, family, table, chain, index, handle, packets }: CheckRule): string => {
  const name = backend === 'nftables' ? `${family} ${table} ${chain}` : `${table} ${chain}`;
  const which = index === null ? 'policy' : `rule ${index}${handle === null ? '' : ` (handle ${handle})`}`;
  const counted = packets === null ? '' : `, ${packets} packet${packets === 1 ? '' : 's'} so far`;
  return inert(`${BACKENDS[backend] ?? backend} ${name} ${which}${counted}`);
};

const deciding = ({ phases, conclusion }: CheckReport, width: number): readonly string[] => {
  const phase = phases.find(({ number }) => number === conclusion.phase);
  if (!phase) return [];
  const place = phase.rule ? `: ${placeOf(phase.rule)}` : '';
  return wrap(`phase ${phase.number}, ${phase.stage} on ${phase.link}${place}`, width, 'where:   ', '         ');
};

const doubtLines = (doubts: readonly CheckDoubt[], width: number): readonly string[] => {
  const texts = doubts.map(({ rule, because }) => inert(rule === null ? because : `${rule.text}: ${because}`));
  return [...new Set(texts)].flatMap((text) => wrap(text, width, 'open:    ', '         '));
};
