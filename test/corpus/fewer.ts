import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Fault } from '../../src/lab/fault.js';
import { isRule } from '../helpers/is-rule.js';
import { type Judgement, judge } from './judge.js';
import { inParallel, runTrial } from './trial.js';
import { takenAway } from './witnesses.js';

const FILE = fileURLToPath(new URL('WITNESSES.md', import.meta.url));

/** A fault judged without one of the witnesses. */
export interface Fewer extends Judgement {
  readonly fault: Fault;
  readonly without: string;
  readonly ms: number;
  /** Whoever has no more than what is left can see the cause at all: an ordinary user sees no rule of a firewall. */
  readonly isVisible: boolean;
}

/** The share of the visible causes that has to be named without a witness. */
export const AIMS: Readonly<Record<string, number>> = { tracefs: 0.85, tcpdump: 0.8, root: 0.4 };

/** Breaks each fault in a network of its own, once for each witness, which is hidden there. */
export const runFewer = async (
  faults: readonly Fault[],
  witnesses: readonly string[],
  { workers, log }: { readonly workers: number; log(line: string): void },
): Promise<readonly Fewer[]> => {
  const all: Fewer[] = [];
  for (const without of witnesses) {
    const { commands, launcher } = takenAway(without);
    const judged = await inParallel(faults, workers, async (fault): Promise<Fewer> => {
      const trial = { ...fault, commands: [...fault.break, ...commands], launcher };
      const { result } = await runTrial(trial, async () => null);
      const judgement = judge(fault, result.run);
      log(
        `${judgement.outcome.padEnd(17)} ${fault.id.padEnd(32)} ${String(result.ms).padStart(5)} ms  without ${without}: ${judgement.said}`,
      );
      if (judgement.outcome !== 'right')
        for (const doubt of result.run?.diagnosis.doubts ?? [result.error]) log(`  ${doubt}`);
      return { ...judgement, fault, without, ms: result.ms, isVisible: without !== 'root' || !isRule(fault.id) };
    });
    log(row(without, judged));
    all.push(...judged);
  }
  return all;
};

const row = (without: string, all: readonly Fewer[]): string => {
  const visible = all.filter(({ isVisible }) => isVisible);
  const [right = 0, open = 0] = (['right', 'inconclusive'] as const).map(
    (wanted) => visible.filter(({ outcome }) => outcome === wanted).length,
  );
  const wrong = all.filter(({ outcome }) => outcome === 'wrong').length;
  const median = all.map(({ ms }) => ms).toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
  const bar = AIMS[without];
  return `| ${[
    without,
    visible.length,
    right,
    open,
    wrong,
    `${((100 * right) / visible.length).toFixed(1)} %`,
    bar === undefined ? '' : `${100 * bar} %`,
    `${median} ms`,
  ].join(' | ')} |`;
};

/** The results as text for people: of every witness and all faults. */
export const writeFewer = (all: readonly Fewer[], seconds: number): void => {
  const witnesses = [...new Set(all.map(({ without }) => without))];
  const text = [
    '# How often the diagnosis is right without one of its witnesses',
    '',
    `Made by \`npm run corpus -- --without all\` on ${new Date().toISOString().slice(0, 10)}, Linux ${release().replace(/-.*/, '')}, in ${Math.round(seconds)} s.`,
    'Every fault of the lab, each in a network of its own, once for each witness. Without root: as a user who may enter the network',
    'namespace of the container and nothing else, over the faults whose cause is no rule of a firewall, which such a user does not see.',
    'A drop that is proved and that no check explains counts as inconclusive. The median is of the whole `trace` process.',
    '',
    '| without | faults | right | inconclusive | wrong | right | at least | median |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...witnesses.map((witness) =>
      row(
        witness,
        all.filter(({ without }) => without === witness),
      ),
    ),
    ...witnesses.flatMap((witness) => [
      '',
      `## Not named without ${witness}`,
      '',
      ...all
        .filter(({ without, outcome }) => without === witness && outcome !== 'right')
        .map(({ fault, outcome, said }) => `- ${fault.id}: ${outcome}, ${said}`),
    ]),
    '',
  ].join('\n');
  writeFileSync(FILE, text);
};
