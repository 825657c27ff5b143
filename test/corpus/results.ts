import { writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Verdict } from './healthy.js';
import { catalogue } from './judge.js';
import { BY_HAND } from './remedies.js';
import type { Robust } from './robust.js';
import type { Single } from './singles.js';
import type { Stack } from './stacked.js';

const FILE = fileURLToPath(new URL('RESULTS.md', import.meta.url));

export interface Results {
  readonly singles: readonly Single[];
  readonly healthy: readonly Verdict[];
  readonly robust: readonly Robust[];
  readonly stacks: readonly Stack[];
  readonly seconds: number;
  /** Networks that are built and traced at once. */
  readonly workers: number;
}

const share = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${part} (${((100 * part) / whole).toFixed(1)} %)`;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const count = <T>(items: readonly T[], isIt: (item: T) => boolean): number => items.filter(isIt).length;

const familyOf = ({ fault }: Single): string => catalogue.find(({ id }) => id === fault.id)?.family ?? 'other';

const row = (name: string, all: readonly Single[]): string => {
  const right = all.filter(({ outcome }) => outcome === 'right');
  const cells = [
    name,
    all.length,
    right.length,
    count(right, ({ byId }) => byId),
    count(right, ({ linkRight }) => linkRight),
    count(all, ({ outcome }) => outcome === 'wrong'),
    count(all, ({ outcome }) => outcome === 'inconclusive'),
    count(all, ({ reasonNames }) => reasonNames),
    count(all, ({ adviceMends }) => adviceMends),
    count(all, ({ mendedAfter }) => mendedAfter !== null),
    `${median(all.map(({ ms }) => ms))} ms`,
  ];
  return `| ${cells.join(' | ')} |`;
};

const HEAD = [
  '| | faults | right | by id | link right | wrong | inconclusive | reason alone | advice mends | commands mend | median |',
  '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
];

const table = (all: readonly Single[], of: (single: Single) => string): readonly string[] => {
  const names = [...new Set(all.map(of))].sort();
  return [
    ...HEAD,
    ...names.map((name) =>
      row(
        name,
        all.filter((one) => of(one) === name),
      ),
    ),
    row('**all**', all),
  ];
};

/** The results as text for people; the file of the same name holds the last whole run. */
export const writeResults = ({ singles, healthy, robust, stacks, seconds, workers }: Results): void => {
  const reproduced = catalogue.filter((entry) => entry.reproduced).map(({ id }) => id);
  const covered = count(singles, ({ fault }) => reproduced.includes(fault.id));
  const peered = singles.flatMap(({ withPeer }) => withPeer ?? []);
  const missed = singles.filter(({ outcome, linkRight }) => outcome !== 'right' || !linkRight);
  const text = [
    '# How often the diagnosis is right',
    '',
    `Made by \`npm run corpus\` on ${new Date().toISOString().slice(0, 10)}, Linux ${release().replace(/-.*/, '')}, in ${Math.round(seconds)} s.`,
    `${singles.length} faults of the lab: ${covered} of the ${reproduced.length} causes that the catalogue says can be reproduced, and ${singles.length - covered} more. Each is broken in a network of its own, on a real kernel.`,
    '',
    '`by id`: the cause is named by its own id, not its group only. `reason alone`: the drop reason of the kernel, read kindly,',
    'would have named it. `advice mends`: ip_forward, FORWARD policy ACCEPT and MASQUERADE would have mended it. `commands mend`:',
    `the printed commands, run literally on the host, mended it. The median is of the whole \`trace\` process, ${workers} at a time on`,
    `${cpus().length} processors.`,
    '',
    '## By family',
    '',
    ...table(singles, familyOf),
    '',
    '## By topology',
    '',
    ...table(singles, ({ fault }) => fault.topology),
    '',
    '## Not right',
    '',
    ...(missed.length === 0 ? ['None.'] : missed.map(({ fault, said }) => `- ${fault.id}: ${said}`)),
    '',
    '## With the other host',
    '',
    'Faults of an overlay once more with `--peer`, which adds what the other host saw and its rules: then only the cause itself, or',
    'its group, is right, wherever it lies.',
    '',
    '| faults | right | by id | link right | wrong | inconclusive |',
    '| ---: | ---: | ---: | ---: | ---: | ---: |',
    `| ${[
      peered.length,
      count(peered, ({ outcome }) => outcome === 'right'),
      count(peered, ({ byId }) => byId),
      count(peered, ({ linkRight }) => linkRight),
      count(peered, ({ outcome }) => outcome === 'wrong'),
      count(peered, ({ outcome }) => outcome === 'inconclusive'),
    ].join(' | ')} |`,
    '',
    '## Mended by a person alone',
    '',
    ...singles
      .filter(({ mendedAfter }) => mendedAfter === null)
      .map(({ fault }) => `- ${fault.id}: ${BY_HAND[fault.id] ?? 'the commands did not mend it'}`),
    '',
    '## Healthy and near-healthy set-ups',
    '',
    `${count(healthy, ({ fine }) => !fine)} false alarms in ${healthy.length}.`,
    ...healthy.filter(({ fine }) => !fine).map(({ id, said }) => `- ${id}: ${said}`),
    '',
    '## On a busy network, without one witness',
    '',
    'Each fault once more, with other traffic of the container, and without one program that reads the rules, queues, bridges or',
    'connections, chosen at random.',
    '',
    '| without | runs | right | inconclusive | wrong |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...[...new Set(robust.map(({ without }) => without))].sort().map((without) => {
      const all = robust.filter((one) => one.without === without);
      const [right, open, wrong] = (['right', 'inconclusive', 'wrong'] as const).map((wanted) =>
        count(all, ({ outcome }) => outcome === wanted),
      );
      return `| ${without} | ${all.length} | ${right} | ${open} | ${wrong} |`;
    }),
    '',
    ...robust
      .filter(({ outcome }) => outcome === 'wrong')
      .map(({ fault, without, said }) => `- ${fault.id} without ${without}: ${said}`),
    '',
    '## Several at once',
    '',
    '| | runs | root right | all named |',
    '| --- | ---: | ---: | ---: |',
    ...[2, 3].map((size) => {
      const all = stacks.filter(({ faults }) => faults.length === size);
      const right = count(all, ({ rootRight }) => rootRight);
      return `| ${size} faults | ${all.length} | ${share(right, all.length)} | ${share(
        count(all, ({ allNamed }) => allNamed),
        all.length,
      )} |`;
    }),
    '',
    ...stacks
      .filter(({ rootRight, allNamed }) => !rootRight || !allNamed)
      .map(({ faults, said }) => `- ${faults.map(({ id }) => id).join(' + ')}: ${said}`),
    '',
  ].join('\n');
  writeFileSync(FILE, text);
};
