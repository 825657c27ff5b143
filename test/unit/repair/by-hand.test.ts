import { expect, test } from 'vitest';
import { faults } from '../../../src/lab/faults/index.js';
import { catalogue } from '../../corpus/judge.js';
import { BY_HAND, COMMAND_NEEDS_PERSON, PRINTED_ONLY } from '../../corpus/remedies.js';

const MOST = 25;

const hasCommand = new Map(catalogue.map(({ id, command }) => [id, command]));

test('of what a command here could mend, at most 25 faults are left to a person, each with its reason', () => {
  const left = Object.keys(BY_HAND).filter((id) => hasCommand.get(id) === true);
  expect([...COMMAND_NEEDS_PERSON].sort()).toEqual(left.sort());
  expect(left.length + PRINTED_ONLY.length).toBeLessThanOrEqual(MOST);
  for (const id of left) expect(BY_HAND[id]?.trim()).not.toBe('');
});

test('what the printed commands mend is not said to be left to a person', () => {
  expect(PRINTED_ONLY.filter((id) => BY_HAND[id] !== undefined || hasCommand.get(id) !== true)).toEqual([]);
});

test('the catalogue says of every cause whether its fix is a command here', () => {
  expect(catalogue.filter(({ command }) => typeof command !== 'boolean')).toEqual([]);
});

test('every fault that is left to a person is one of the lab', () => {
  const known = new Set(faults.map(({ id }) => id));
  expect([...Object.keys(BY_HAND), ...PRINTED_ONLY].filter((id) => !known.has(id))).toEqual([]);
});
