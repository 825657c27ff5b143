import type { CollateralKind } from '../model/scenario.js';

/** What counts for the score of one attempt. */
export interface Scored {
  /** Number of different hints. */
  readonly hints: number;
  /** Checks that found it not solved. */
  readonly wrongChecks: number;
  readonly damage: readonly CollateralKind[];
  /** Milliseconds from start to solution; `null` when it is not solved. */
  readonly tookMs: number | null;
  /** Milliseconds that the scenario should take. */
  readonly timeMs: number;
  readonly limitMs: number | null;
  /** The solution was shown or applied by the program. */
  readonly shown: boolean;
}

export interface Score {
  /** From 0 to 100. */
  readonly points: number;
  readonly status: 'solved' | 'late' | 'shown' | 'open';
  readonly minus: { readonly hints: number; readonly checks: number; readonly damage: number; readonly time: number };
}

const PER_HINT = 10;
const PER_WRONG_CHECK = 5;
const PER_DAMAGE = 20;
const MOST_FOR_TIME = 30;

/** 100 less 10 for each hint, 5 for each wrong check, 20 for each kind of damage, 1 for each minute too long (at most 30). */
export const scoreOf = ({ hints, wrongChecks, damage, tookMs, timeMs, limitMs, shown }: Scored): Score => {
  const minus = {
    hints: hints * PER_HINT,
    checks: wrongChecks * PER_WRONG_CHECK,
    damage: damage.length * PER_DAMAGE,
    time: tookMs === null ? 0 : Math.min(Math.ceil(Math.max(tookMs - timeMs, 0) / 60_000), MOST_FOR_TIME),
  };
  const status = tookMs === null ? 'open' : shown ? 'shown' : limitMs !== null && tookMs > limitMs ? 'late' : 'solved';
  const points = Math.max(0, 100 - minus.hints - minus.checks - minus.damage - minus.time);
  return { points: status === 'solved' ? points : 0, status, minus };
};
