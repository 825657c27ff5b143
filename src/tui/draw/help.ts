import type { Keymap } from '../keymap.js';
import type { Glyphs } from '../theme.js';
import { keyLabel } from './footer.js';
import { BLANK, type Line, line, span } from './line.js';

/** Every key and what it does, generated from the keymap, and what the words on the screen mean. */
export const helpLines = (keymap: Keymap, glyphs: Glyphs): readonly Line[] => [
  ...keymap.map(
    ({ keys, help }): Line => [
      span(`  ${keys.map((key) => keyLabel(key, glyphs)).join(' ')}`.padEnd(18), 'strong'),
      span(help),
    ],
  ),
  [span('  ctrl-c'.padEnd(18), 'strong'), span('stop at once, print what is known')],
  [span('  ctrl-z'.padEnd(18), 'strong'), span('back to the shell; fg goes on')],
  BLANK,
  line('  ok           probes were seen there'),
  line('  BREAK        packets end on this link, at the stage that is named'),
  line('  not reached  it lies behind the break'),
  line('  silent       a capture ran there and saw none of the probes'),
  line('  no capture   nothing is captured there; ? is not a loss'),
  BLANK,
  line('  No key changes anything on this host.'),
];
