import { EXIT } from '../../model/errors.js';
import { type Attempt, readAttempts, scoreOfAttempt } from '../../workshop/progress.js';
import { type CommandContext, jsonLine } from '../context.js';
import type { RawOptions } from '../settings.js';
import { table } from '../table.js';

interface Row {
  readonly lab: string;
  readonly scenario: string;
  readonly status: string;
  readonly points: number;
  /** Whole minutes from start to solution; `null` when it is not solved. */
  readonly minutes: number | null;
  readonly hints: number;
  readonly wrongChecks: number;
  readonly damage: readonly string[];
  readonly started: string;
}

const rowOf = (attempt: Attempt): Row => {
  const { points, status } = scoreOfAttempt(attempt);
  return {
    lab: attempt.lab,
    scenario: attempt.scenario,
    status,
    points,
    minutes: attempt.solvedMs === null ? null : Math.round((attempt.solvedMs - attempt.startedMs) / 60_000),
    hints: attempt.hints.length,
    wrongChecks: attempt.wrongChecks,
    damage: attempt.damage,
    started: new Date(attempt.startedMs).toISOString(),
  };
};

const COLUMNS = [
  'lab',
  'scenario',
  'status',
  'points',
  'minutes',
  'hints',
  'wrong checks',
  'damage',
  'started',
] as const;

const cells = (row: Row): readonly string[] => [
  row.lab,
  row.scenario,
  row.status,
  String(row.points),
  row.minutes === null ? '' : String(row.minutes),
  String(row.hints),
  String(row.wrongChecks),
  row.damage.join(' '),
  row.started,
];

/** Shows the points of every attempt that is kept, or of one lab: a table, CSV or JSON. */
export const score = async (
  context: CommandContext,
  [name]: readonly string[],
  options: RawOptions,
): Promise<number> => {
  const rows = (await readAttempts()).filter(({ lab }) => name === undefined || lab === name).map(rowOf);
  if (context.display.format !== 'text') context.out(jsonLine({ attempts: rows }));
  else if (options['csv'] === true)
    context.out([COLUMNS, ...rows.map(cells)].map((line) => `${line.map(csvCell).join(',')}\r\n`).join(''));
  else context.out(rows.length === 0 ? 'nothing has been started yet\n' : table(COLUMNS, rows.map(cells)));
  return EXIT.ok;
};

/** @see RFC 4180; a cell never begins as a formula does */
const csvCell = (text: string): string => {
  const inert = /^[=+@\t\r-]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
};
