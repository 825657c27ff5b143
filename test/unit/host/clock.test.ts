import { expect, test } from 'vitest';
import { realtimeOffset } from '../../../src/host/clock.js';

/** Recorded on Linux 6.18. */
const LIST = `Timer List Version: v0.10
HRTIMER_MAX_CLOCK_BASES: 8
now at 4012345678901 nsecs

cpu: 0
 clock 0:
  .base:       00000000b1a62b3a
  .index:      0
  .resolution: 1 nsecs
  .offset:     0 nsecs
active timers:
 #0: <0000000000000000>, tick_nohz_handler, S:01
 # expires at 4012348000000-4012348000000 nsecs [in 2321099 to 2321099 nsecs]
 clock 1:
  .base:       00000000f5a86652
  .index:      1
  .resolution: 1 nsecs
  .offset:     1795777678121516045 nsecs
active timers:
 clock 2:
  .base:       0000000002d9b6b5
  .index:      2
  .resolution: 1 nsecs
  .offset:     0 nsecs
`;

test("the kernel's own offset is that of its clock 1", () => {
  expect(realtimeOffset(LIST)).toBe(1_795_777_678_121_516_045n);
});

test.each([
  ['a list that is cut short', LIST.slice(0, LIST.indexOf('1795777678121516045') + 8)],
  ['a list without that clock', LIST.replace(' clock 1:', ' clock 4:')],
  ['a clock that is not set', LIST.replace('1795777678121516045', '0')],
  ['something else', 'garbage\n'],
])('%s tells nothing', (_, text) => {
  expect(realtimeOffset(text)).toBeNull();
});
