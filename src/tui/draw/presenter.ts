import { solutionOf } from '../../model/scenario.js';
import type { Deck, Output, PresenterState, Slide } from '../store/presenter-state.js';
import { startOfTrace, type TraceState } from '../store/trace-state.js';
import type { Glyphs } from '../theme.js';
import { BLANK, columnsOf, cut, type Line, line, plainText, shown, span, type Tone } from './line.js';
import { pathBoxes } from './path-boxes.js';
import { pathFacts } from './path-facts.js';
import { pathLine } from './path-line.js';
import { pieces } from './wrap.js';

const MARGIN = 12;

/** Scenario, slide, title, and which view this is. */
export const presenterHeader = (state: PresenterState, deck: Deck, columns: number, glyphs: Glyphs): Line => {
  const { scenario, slides, audience } = deck;
  const slide = slides[state.at];
  const place = slide?.kind === 'step' ? `step ${slide.number} of ${scenario.steps.length}` : (slide?.kind ?? '');
  const right: Line = [span(audience ? 'audience view ' : `notes ${state.notes ? 'on' : 'off'} `, 'info')];
  const left: Line = [span(' LAB ', 'selected'), span(` ${place} ${glyphs.bar} `)];
  const room = columns - columnsOf(plainText(left)) - columnsOf(plainText(right)) - 1;
  return [...left, span(cut(scenario.title, room).padEnd(room), 'strong'), span(' '), ...right];
};

/** The trace as the screen shows it: packets that were seen, and the diagnosis only where the answer is shown. */
const traceOf = ({ run, revealed }: PresenterState, { audience }: Deck): TraceState | null => {
  if (run === null) return null;
  const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);
  const seen = Object.fromEntries(
    run.path.hops.map((hop) => [hop.id, { forward: numbers(hop.forward.seen), return: numbers(hop.return.seen) }]),
  );
  return { ...startOfTrace(0), path: run.path, flow: run.flow, seen, run: revealed && !audience ? run : null };
};

const focusOf = ({ hop }: PresenterState, slide: Slide | undefined): string | null => {
  const number = hop ?? (slide?.kind === 'step' ? slide.step.hop : undefined);
  return number === undefined ? null : `h${number}`;
};

/** The path with the packets of the latest trace. */
export const presenterPath = (
  state: PresenterState,
  deck: Deck,
  columns: number,
  wide: boolean,
  glyphs: Glyphs,
): readonly Line[] => {
  const trace = traceOf(state, deck);
  const facts = trace === null ? null : pathFacts(trace);
  if (facts === null)
    return [line(state.measuring ? ' following the packets ...' : ' there is no path to follow yet', 'faint')];
  const focus = focusOf(state, deck.slides[state.at]);
  return (wide ? pathBoxes : pathLine)(facts, columns, focus, glyphs);
};

const named = (name: string, text: string, columns: number, tone: Tone): readonly Line[] =>
  pieces(text.trim().replaceAll('\n', ' '), columns - MARGIN).map((piece, index) => [
    span(` ${(index === 0 ? name : '').padEnd(MARGIN - 1)}`, 'info'),
    span(piece, tone),
  ]);

/** Prose keeps its lists: a line that begins with a number or a dash begins anew. */
const prose = (text: string, columns: number): readonly Line[] =>
  text
    .split(/\n(?=\s*(?:\d+\.|-|$))/)
    .filter((part) => part.trim() !== '')
    .flatMap((part) => pieces(part.trim().replaceAll('\n', ' '), columns - 2))
    .map((piece) => line(` ${piece}`));

const hopText = ({ run }: PresenterState, number: number): string => {
  const hop = run?.path.hops.find(({ id }) => id === `h${number}`);
  return hop === undefined ? `hop ${number}` : `hop ${number}, ${hop.ifname ?? hop.role}`;
};

/** What is said of the slide, without what came of its command. */
const slideLines = (state: PresenterState, { scenario, audience }: Deck, slide: Slide, columns: number): Line[] => {
  if (slide.kind === 'briefing')
    return [line(` ${cut(scenario.title, columns - 2)}`, 'strong'), BLANK, ...prose(scenario.briefing, columns)];
  if (slide.kind === 'debrief') return [...prose(scenario.debrief, columns)];
  const { say, ask, command, netns, traffic, note, answer, hop } = slide.step;
  const rows: Line[] = [];
  if (say !== undefined) rows.push(...pieces(say, columns - 2).map((piece) => line(` ${piece}`, 'strong')));
  if (ask !== undefined) rows.push(...named('question', ask, columns, 'strong'));
  if (hop !== undefined) rows.push(...named('look at', hopText(state, hop), columns, 'plain'));
  if (state.notes && !audience) {
    if (note !== undefined) rows.push(...named('note', note, columns, 'plain'));
    if (answer !== undefined && !state.revealed) rows.push(...named('answer', answer, columns, 'plain'));
  }
  if (command === undefined) return rows;
  const where = netns === 'host' ? '' : `in ${netns}: `;
  rows.push(...named(state.ran ? 'has run' : 'ENTER runs', `${where}$ ${command}`, columns, 'ok'));
  if (traffic !== undefined) rows.push(...named('meanwhile', traffic, columns, 'plain'));
  return rows;
};

const TAB = '        ';

const outputLines = ({ title, rows }: Output, columns: number): readonly Line[] => [
  line(` ${cut(title, columns - 2)}`, 'info'),
  ...rows.flatMap(({ text, tone }) => {
    const flat = shown(text.replaceAll('\t', TAB));
    const parts = columnsOf(flat) <= columns - 4 ? [flat] : pieces(flat, columns - 4);
    return parts.map((part) => line(`   ${part}`, tone));
  }),
];

const answerLines = ({ scenario }: Deck, slide: Slide, columns: number): readonly Line[] => [
  ...(slide.kind === 'step' && slide.step.answer !== undefined
    ? named('answer', slide.step.answer, columns, 'strong')
    : []),
  ...solutionOf(scenario).flatMap(({ netns, commands }) =>
    commands.flatMap((command) =>
      named('solution', `${netns === 'host' ? '' : `in ${netns}: `}$ ${command}`, columns, 'strong'),
    ),
  ),
];

/** The slide, and below it what came of the last key, cut at the height with a word about what is missing. */
export const presenterBody = (state: PresenterState, deck: Deck, columns: number, height: number): readonly Line[] => {
  const slide = deck.slides[state.at];
  if (slide === undefined) return [];
  const below =
    state.revealed && !deck.audience
      ? answerLines(deck, slide, columns)
      : state.output === null
        ? []
        : outputLines(state.output, columns);
  const above = slideLines(state, deck, slide, columns);
  const all = below.length === 0 ? above : [...above, BLANK, ...below];
  if (all.length <= height) return all;
  return [...all.slice(0, height - 1), line(`   ${all.length - height + 1} more rows`, 'faint')];
};

/** What runs, or what the last key brought. */
export const presenterNotice = ({ doing, notice, measuring }: PresenterState, glyphs: Glyphs): Line => {
  if (notice !== null) return line(` ${shown(notice)}`, 'warn');
  if (doing !== null) return line(` ${glyphs.live} ${shown(doing)} ...`, 'info');
  return measuring ? line(` ${glyphs.live} following the packets ...`, 'faint') : BLANK;
};
