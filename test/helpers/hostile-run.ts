import type { Run } from '../../src/model/run.js';

/** Texts that try to become markup, commands, terminal sequences or keys, wherever they are put. */
export const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(2)>',
  "'; alert(3); '",
  '\u001b[31mred\u202eevil\u2066',
  '`code` **bold** | @everyone #1 [x](javascript:alert(4)) ``` ',
  '</script><script>alert(5)</script>',
  '</svg><script>alert(6)</script>',
  'A'.repeat(10_240),
  '\u0000\u0007\r\n# head\n- list',
  '<!-- ',
  ']]>',
  '__proto__',
  '\ud800',
  '%%{init: {}}%% click h1 "javascript:alert(8)"',
  '1:'.repeat(5000),
  '1.'.repeat(5000),
] as const;

const OUR_FIELDS = new Set(
  'id hop role netns way kind rank status stage stages from to link toHop fromHop direction confidence data token schema formatVersion started code check cause reason risk'.split(
    ' ',
  ),
);

/** Without these nothing hangs together, and nothing is rendered. */
const STRUCTURE = new Set(['data', 'status', 'rank']);

/**
 * The run with a hostile text behind every text: of the host's alone, or, in a document from elsewhere, of our own
 * identifiers as well.
 */
export const hostileRun = (run: Run, from: 'host' | 'elsewhere' = 'host'): Run => {
  let count = 0;
  const walk = (value: unknown, field: string): unknown => {
    if (typeof value === 'string') {
      if (from === 'host' ? OUR_FIELDS.has(field) : STRUCTURE.has(field)) return value;
      count += 1;
      return value + HOSTILE[count % HOSTILE.length];
    }
    if (Array.isArray(value)) return value.map((item) => walk(item, field));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, walk(child, key)]));
  };
  return walk(run, '') as Run;
};
