import { expect, test } from 'vitest';
import { type Scored, scoreOf } from '../../../src/workshop/score.js';

const MINUTE = 60_000;
const solved: Scored = {
  hints: 0,
  wrongChecks: 0,
  damage: [],
  tookMs: 5 * MINUTE,
  timeMs: 8 * MINUTE,
  limitMs: null,
  shown: false,
};

test.each<[string, Partial<Scored>, number, string]>([
  ['in time, alone', {}, 100, 'solved'],
  ['with two hints', { hints: 2 }, 80, 'solved'],
  ['with three wrong checks', { wrongChecks: 3 }, 85, 'solved'],
  ['with damage of two kinds', { damage: ['table-flushed', 'rules-deleted'] }, 60, 'solved'],
  ['a second too late', { tookMs: 8 * MINUTE + 1 }, 99, 'solved'],
  ['hours too late', { tookMs: 600 * MINUTE }, 70, 'solved'],
  ['never below zero', { hints: 9, damage: ['table-flushed'] }, 0, 'solved'],
  ['after the limit', { limitMs: 4 * MINUTE }, 0, 'late'],
  ['just at the limit', { limitMs: 5 * MINUTE }, 100, 'solved'],
  ['by the program', { shown: true }, 0, 'shown'],
  ['not yet', { tookMs: null }, 0, 'open'],
])('%s', (_, change, points, status) => {
  expect(scoreOf({ ...solved, ...change })).toMatchObject({ points, status });
});
