import type { Met } from '../../model/met.js';
import type { Glyphs } from '../theme.js';
import { type Line, line, span, type Tone } from './line.js';
import type { Place } from './places.js';
import { pieces } from './wrap.js';

const OUTCOME: Readonly<Record<Met['outcome'], Tone>> = { pass: 'ok', drop: 'fault', reject: 'fault', unknown: 'warn' };

const isAt = (met: Met, place: Place): boolean =>
  place.kind === 'link' ? met.link === place.id : met.link.split('-').includes(place.id);

const isLoss = ({ outcome }: Met): boolean => outcome === 'drop' || outcome === 'reject';

/** Routes and rules that the probe and its answer meet, of one place or of all; those that lose it come first. */
export const ruleLines = (met: readonly Met[], at: Place | null, columns: number, glyphs: Glyphs): readonly Line[] => {
  const chosen = at === null ? met : met.filter((one) => isAt(one, at));
  if (chosen.length === 0) return [line('no route or rule is met here', 'faint')];
  const lost = chosen.filter(isLoss);
  return [...lost, ...chosen.filter((one) => !isLoss(one))].flatMap((one) => metLines(one, columns, glyphs));
};

const metLines = ({ way, stage, outcome, text, rules }: Met, columns: number, glyphs: Glyphs): readonly Line[] => {
  const head = `${way === 'forward' ? 'out ' : 'back'} ${stage}: `;
  const room = Math.max(columns - head.length - outcome.length - 1, 8);
  const [first = '', ...more] = pieces(text, room);
  return [
    [span(head, 'strong'), span(`${first} `), span(outcome, OUTCOME[outcome])],
    ...more.map((rest): Line => [span(' '.repeat(head.length)), span(rest)]),
    ...rules.flatMap(({ place, text: rule, hit }) =>
      pieces(`${place}: ${rule}`, columns - 4).map(
        (piece, index): Line => [
          span(index === 0 && hit ? `  ${glyphs.request} ` : '    ', 'info'),
          span(piece, hit ? (outcome === 'pass' ? 'info' : 'fault') : 'faint'),
        ],
      ),
    ),
  ];
};
