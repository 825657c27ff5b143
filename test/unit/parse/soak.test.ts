import { expect, test } from 'vitest';
import * as library from '../../../src/index.js';
import { inputsFrom, parsersOf, saysWhere } from '../../soak/inputs.js';

/** `npm run soak` throws a million at each parser. */
const INPUTS = Number(process.env['VETHOSCOPE_INPUTS'] ?? 2000);
const SEED = Number(process.env['VETHOSCOPE_SEED'] ?? 1);
const SLOW_MS = 1000;
/** What may be left on the heap after all inputs, whatever their number. */
const HEAP_MB = 200;

test.each(Object.entries(parsersOf(library)))(
  '%s reads an input, or refuses it and says where',
  (name, parser) => {
    const [parse, ...valid] = parser;
    const inputOf = inputsFrom(SEED);
    const before = process.memoryUsage().heapUsed;
    let [refused, slowest] = [0, 0];
    for (let number = 0; number < INPUTS; number += 1) {
      const input = inputOf(valid);
      const started = performance.now();
      try {
        parse(input);
      } catch (error) {
        const isNamed = error instanceof library.ParseError && saysWhere(error);
        if (!isNamed) throw new Error(`for ${JSON.stringify(input)}`, { cause: error });
        refused += 1;
      }
      slowest = Math.max(slowest, performance.now() - started);
    }
    const grownMb = (process.memoryUsage().heapUsed - before) / 1e6;
    if (INPUTS > 100_000)
      process.stdout.write(
        `${name}: ${INPUTS} inputs, ${refused} refused, slowest ${slowest.toFixed(0)} ms, heap +${grownMb.toFixed(0)} MB\n`,
      );
    expect(refused).toBeGreaterThan(INPUTS / 10);
    expect(refused).toBeLessThan(INPUTS);
    expect(grownMb).toBeLessThan(HEAP_MB);
    if (INPUTS > 100_000) expect(slowest).toBeLessThan(SLOW_MS);
  },
  3_600_000,
);
