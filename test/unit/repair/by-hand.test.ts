import { expect, test } from 'vitest';
import { faults } from '../../../src/lab/faults/index.js';
import { BY_HAND, COMMAND_NEEDS_PERSON } from '../../corpus/remedies.js';

/** The printed commands mend it, and `fix` does not run them: an IPsec policy is security that somebody meant. */
const PRINTED_ONLY = ['host-xfrm-block'];

test('of what a command here could mend, at most 25 faults are left to a person, each with its reason', () => {
  expect(new Set(COMMAND_NEEDS_PERSON).size).toBe(COMMAND_NEEDS_PERSON.length);
  expect(COMMAND_NEEDS_PERSON.length).toBeLessThanOrEqual(25);
  expect(COMMAND_NEEDS_PERSON.filter((id) => BY_HAND[id] === undefined)).toEqual(PRINTED_ONLY);
});

test('every fault that is left to a person is one of the lab', () => {
  const known = new Set(faults.map(({ id }) => id));
  expect(Object.keys(BY_HAND).filter((id) => !known.has(id))).toEqual([]);
});
