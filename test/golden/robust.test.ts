import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { diagnose } from '../../src/engine/diagnose.js';
import { type Fault, rightCauses } from '../../src/lab/fault.js';
import { faults } from '../../src/lab/faults/index.js';
import type { Evidence } from '../../src/model/evidence.js';
import { recorded } from '../helpers/evidence.js';
import { type Removal, removals } from '../helpers/remove-witness.js';

type Verdict = 'right' | 'unexplained' | 'inconclusive' | 'wrong';

/** What became of a diagnosis; a wrong one is named. */
const judge = (fault: Fault, evidence: Evidence): { readonly verdict: Verdict; readonly says: string } => {
  const { status, cause } = diagnose(evidence);
  const says = cause ?? status;
  if (cause !== null && rightCauses(fault).includes(cause)) return { verdict: 'right', says };
  if (cause === 'unexplained-drop') return { verdict: 'unexplained', says };
  return { verdict: status === 'inconclusive' ? 'inconclusive' : 'wrong', says };
};

const counts: Record<'one' | 'several', Record<Verdict, number>> = {
  one: { right: 0, unexplained: 0, inconclusive: 0, wrong: 0 },
  several: { right: 0, unexplained: 0, inconclusive: 0, wrong: 0 },
};

const wrongWithout = (fault: Fault, evidence: Evidence, removed: readonly Removal[]): readonly string[] => {
  const cut = removed.reduce((whole, removal) => removal.remove(whole), evidence);
  const { verdict, says } = judge(fault, cut);
  counts[removed.length === 1 ? 'one' : 'several'][verdict] += 1;
  return verdict === 'wrong' ? [`without ${removed.map(({ what }) => what).join(' and ')}: ${says}`] : [];
};

describe('a diagnosis with fewer witnesses is the same or none, never another', () => {
  test.each([...faults])('$id, without any one of them', (fault) => {
    const evidence = recorded(fault.id);
    expect(removals(evidence).flatMap((removal) => wrongWithout(fault, evidence, [removal]))).toEqual([]);
  });

  test.each([...faults])('$id, without several of them', (fault) => {
    const evidence = recorded(fault.id);
    const all = removals(evidence);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(all.length - 1), { minLength: 2, maxLength: 5 }), (indices) => {
        const removed = indices.flatMap((index) => all[index] ?? []);
        expect(wrongWithout(fault, evidence, removed)).toEqual([]);
      }),
      { seed: 20261120, numRuns: 40 },
    );
  });

  afterAll(() => {
    const line = (of: keyof typeof counts) =>
      Object.entries(counts[of])
        .map(([verdict, count]) => `${count} ${verdict}`)
        .join(', ');
    process.stdout.write(`without one witness: ${line('one')}; without two to five: ${line('several')}\n`);
  });
});
