import { describe, expect, test } from 'vitest';
import { faultNamed } from '../../src/cli/lab-names.js';
import { faults } from '../../src/lab/faults/index.js';
import { judgedFaults } from '../helpers/sample.js';
import { seeded } from '../helpers/seeded.js';
import { AIMS, type Fewer, runFewer, writeFewer } from './fewer.js';
import { healthy, runHealthy, type Verdict } from './healthy.js';
import { BY_HAND } from './remedies.js';
import { writeResults } from './results.js';
import { runRobust } from './robust.js';
import { runSingles } from './singles.js';
import { chooseStacks, runStacks, type Stack } from './stacked.js';
import { WITNESSES } from './witnesses.js';

const isAll = process.env['CORPUS'] === 'all';
const only = (process.env['CORPUS_ONLY'] ?? '').split(',').filter((id) => id !== '');
const numberFrom = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const workers = numberFrom('CORPUS_WORKERS', 2);
const log = (line: string): void => {
  if (isAll) process.stdout.write(`${line}\n`);
};

const chosen = only.length > 0 ? faults.filter(({ id }) => only.includes(id)) : isAll ? faults : judgedFaults;
const named = (process.env['CORPUS_STACKS'] ?? '')
  .split(',')
  .filter((stack) => stack !== '')
  .map((stack) => stack.split('+').map((id) => faultNamed(id)));
const part = process.env['CORPUS_PART'] ?? '';
const taken = process.env['CORPUS_WITHOUT'] === 'all' ? WITNESSES : (process.env['CORPUS_WITHOUT'] ?? '').split(',');
const isAsked = (name: string): boolean => only.length === 0 && (part === '' || part === name);
const isWhole = isAll && only.length === 0 && part === '';
const measuresMore = isWhole || (isAll && (only.length > 0 || part === 'singles'));

const expectRest = (fine: readonly Verdict[], stacks: readonly Stack[]): void => {
  expect(fine.filter((verdict) => !verdict.fine).map(({ id, said }) => `${id}: ${said}`)).toEqual([]);
  for (const [size, rootBar] of [
    [2, 0.97],
    [3, 0.97],
  ] as const) {
    const all = stacks.filter((stack) => stack.faults.length === size);
    if (all.length === 0) continue;
    expect(all.filter(({ rootRight }) => rootRight).length / all.length, `${size}: root`).toBeGreaterThanOrEqual(
      rootBar,
    );
    expect(all.filter(({ allNamed }) => allNamed).length / all.length, `${size}: all`).toBeGreaterThanOrEqual(0.9);
  }
};

const expectFewer = (fewer: readonly Fewer[]): void => {
  const wrong = fewer.filter(({ outcome }) => outcome === 'wrong');
  expect(wrong.map(({ fault, without, said }) => `${fault.id} without ${without}: ${said}`)).toEqual([]);
  for (const [witness, bar] of Object.entries(AIMS)) {
    const all = fewer.filter(({ without, isVisible }) => without === witness && isVisible);
    const right = all.filter(({ outcome }) => outcome === 'right');
    if (all.length > 0) expect(right.length / all.length, `without ${witness}`).toBeGreaterThanOrEqual(bar);
  }
};

describe('the corpus', () => {
  test('causes and links are right and never wrong, and nothing healthy is blamed', {
    timeout: 3_600_000,
  }, async () => {
    const began = performance.now();
    const singles = await runSingles(part === '' || part === 'singles' ? chosen : [], {
      workers,
      baselines: measuresMore,
      log,
    });
    const fine = isAsked('healthy') ? await runHealthy(healthy, { workers, log }) : [];
    const random = seeded(numberFrom('CORPUS_SEED', 1));
    const stacks =
      isAll && isAsked('stacked')
        ? await runStacks(
            named.length > 0
              ? named
              : [
                  ...chooseStacks(faults, 2, numberFrom('CORPUS_PAIRS', 40), random),
                  ...chooseStacks(faults, 3, numberFrom('CORPUS_TRIPLES', 10), random),
                ],
            { workers, log },
          )
        : [];
    const robust = isAll && isAsked('robust') ? await runRobust(faults, random, { workers, log }) : [];
    const fewer = isAll && part === 'fewer' ? await runFewer(chosen, taken, { workers, log }) : [];
    const seconds = (performance.now() - began) / 1000;
    if (isWhole) writeResults({ singles, healthy: fine, robust, stacks, seconds, workers });
    if (only.length === 0 && fewer.length === faults.length * WITNESSES.length) writeFewer(fewer, seconds);
    expectFewer(fewer);

    const wrong = singles.filter(({ outcome }) => outcome === 'wrong');
    expect(wrong.map(({ fault, said }) => `${fault.id}: ${said}`)).toEqual([]);
    const wrongWithPeer = singles.filter(({ withPeer }) => withPeer?.outcome === 'wrong');
    expect(wrongWithPeer.map(({ fault, withPeer }) => `${fault.id} with --peer: ${withPeer?.said}`)).toEqual([]);
    const misled = robust.filter(({ outcome }) => outcome === 'wrong');
    expect(misled.map(({ fault, without, said }) => `${fault.id} without ${without}: ${said}`)).toEqual([]);
    if (singles.length === 0) return expectRest(fine, stacks);
    const right = singles.filter(({ outcome, linkRight }) => outcome === 'right' && linkRight);
    expect(right.length / singles.length).toBeGreaterThanOrEqual(0.98);
    expect(right.filter(({ byId }) => byId).length / singles.length).toBeGreaterThanOrEqual(0.6);
    if (measuresMore) {
      const unmended = singles.filter(({ mendedAfter }) => mendedAfter === null).map(({ fault }) => fault.id);
      expect(unmended.filter((id) => !(id in BY_HAND))).toEqual([]);
    }
    expectRest(fine, stacks);
  });
});
