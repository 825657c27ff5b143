import { expect, test } from 'vitest';
import { icmpWords } from '../../../src/engine/icmp-words.js';

test.each([
  [4, 3, 0, 'network unreachable'],
  [4, 3, 4, 'fragmentation needed and DF set'],
  [4, 3, 10, 'host administratively prohibited'],
  [4, 3, 13, 'communication administratively prohibited'],
  [4, 5, 1, 'redirect for the host'],
  [4, 11, 0, 'time to live exceeded in transit'],
  [6, 1, 3, 'address unreachable'],
  [6, 2, 0, 'packet too big'],
  [6, 3, 0, 'hop limit exceeded in transit'],
  [4, 3, 77, 'destination unreachable, code 77'],
  [4, 200, 3, 'type 200 code 3'],
] as const)('IPv%i type %i code %i: %s', (family, type, code, words) => {
  expect(icmpWords(family, type, code)).toBe(words);
});
