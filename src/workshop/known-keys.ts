import type { Path } from './line-of.js';

const PROBE = [
  'ping',
  'tcp',
  'dns',
  'setting',
  'run',
  'from',
  'expect',
  'size',
  'df',
  'count',
  'server',
  'netns',
  'is',
  'prints',
  'printsNot',
];
const COMMANDS = ['run', 'netns'];

/** Keys by the list or mapping in which they stand; for suggestions alone, the schema decides. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  '': [
    'id',
    'title',
    'level',
    'time',
    'order',
    'teaches',
    'briefing',
    'topology',
    'services',
    'prepare',
    'break',
    'symptom',
    'trace',
    'expect',
    'steps',
    'hints',
    'check',
    'collateral',
    'solve',
    'debrief',
  ],
  services: ['tcp', 'echo', 'dns', 'netns', 'address'],
  prepare: COMMANDS,
  break: ['fault', ...COMMANDS],
  solve: COMMANDS,
  symptom: PROBE,
  check: PROBE,
  probe: PROBE,
  trace: ['target', 'to', 'proto', 'from', 'size', 'df', 'count'],
  expect: ['cause', 'link', 'direction'],
  steps: ['say', 'ask', 'answer', 'note', 'hop', 'command', 'netns', 'traffic', 'fails', 'changes'],
  hints: ['when', 'text'],
  when: ['tried', 'notTried', 'after', 'probe'],
};

/** The keys that are known at a place of a scenario file. */
export const knownKeys = (path: Path): readonly string[] =>
  KEYS[String(path.findLast((part) => typeof part === 'string') ?? '')] ?? [];
