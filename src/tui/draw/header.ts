import type { TraceState } from '../store/trace-state.js';
import type { Glyphs } from '../theme.js';
import { columnsOf, cut, type Line, plainText, span, type Tone } from './line.js';

export interface HeaderFacts {
  readonly state: TraceState;
  readonly target: string;
  readonly destination: string;
  readonly host: string;
  readonly now: number;
  readonly paused: boolean;
}

const NAME = 'vethoscope';

const clock = (milliseconds: number): string => {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
};

export const statusWord = (state: TraceState, paused: boolean): readonly [string, Tone] => {
  if (paused) return ['paused', 'warn'];
  if (state.status === 'running') return ['live', 'ok'];
  return [state.status, state.status === 'done' ? 'plain' : 'warn'];
};

/** Where am I: container, address, destination, protocol, host, that nothing is changed, run, time, state. */
export const headerLine = (facts: HeaderFacts, columns: number, glyphs: Glyphs): Line => {
  const { state, host, now, paused } = facts;
  const wide = columns >= 100;
  const bar = span(` ${glyphs.bar} `, 'faint');
  const [word, tone] = statusWord(state, paused);
  const elapsed = clock((state.endedAt ?? now) - state.startedAt);
  const run = wide && state.run ? `run ${state.run.run.id} ` : '';
  const right: Line = [span(`${run}${elapsed} `), span(`${glyphs.live} ${word}`, tone)];
  const used = columnsOf(plainText(right)) + 'READ-ONLY'.length + 3 * 3 + 2;
  const room = Math.max(columns - used, 20);
  const subject = subjectText(facts, glyphs);
  const hostText = cut(wide ? `host ${host}` : host, Math.max(room - columnsOf(subject), Math.floor(room * 0.2)));
  const named = columnsOf(subject) + columnsOf(hostText) + NAME.length + 3 <= room;
  return [
    span(' '),
    ...(named ? [span(NAME, 'strong'), bar] : []),
    span(cut(subject, room - columnsOf(hostText)), 'strong'),
    bar,
    span(hostText),
    bar,
    span('READ-ONLY', 'ok'),
    bar,
    ...right,
  ];
};

const subjectText = ({ state, target, destination }: HeaderFacts, glyphs: Glyphs): string => {
  const source = state.flow?.source ? ` ${state.flow.source}` : '';
  const name = state.target?.name ?? target;
  const port = state.flow?.port ? `:${state.flow.port}` : '';
  const end = state.flow ? `${state.flow.destination}${port}` : destination;
  return `${name}${source} ${glyphs.arrow} ${end}${state.flow ? ` ${state.flow.protocol}` : ''}`;
};
