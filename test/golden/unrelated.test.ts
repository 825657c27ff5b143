import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checks } from '../../checks/index.js';
import { diagnose, examine } from '../../src/engine/diagnose.js';
import { runChecks } from '../../src/engine/run-checks.js';
import { faults } from '../../src/lab/faults/index.js';
import { topologies } from '../../src/lab/topologies/index.js';
import type { Evidence } from '../../src/model/evidence.js';
import { recorded } from '../helpers/evidence.js';
import { noise } from '../helpers/noise.js';

const RUNS = { seed: 20261120, numRuns: 25 };

const decision = (evidence: Evidence) => {
  const { status, cause, direction, brokenLink, confidence, findings } = diagnose(evidence);
  return { status, cause, direction, brokenLink, confidence, findings };
};

describe('what concerns other traffic is never blamed', () => {
  test.each([...topologies])('no check finds anything in the healthy network $id', ({ id }) => {
    const evidence = recorded(id);
    fc.assert(
      fc.property(noise, (add) => {
        const noisy = add(evidence);
        expect(runChecks(checks, noisy, examine(noisy).context).findings).toEqual([]);
        expect(diagnose(noisy).status).toBe('ok');
      }),
      { ...RUNS, numRuns: id === 'crowd' ? 3 : RUNS.numRuns },
    );
  });

  test.each([...faults])('the diagnosis of $id stays as it is', ({ id }) => {
    const evidence = recorded(id);
    const before = decision(evidence);
    fc.assert(
      fc.property(noise, (add) => {
        expect(decision(add(evidence))).toEqual(before);
      }),
      RUNS,
    );
  });
});
