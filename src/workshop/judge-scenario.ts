import { faults } from '../lab/faults/index.js';
import { topologies } from '../lab/topologies/index.js';
import type { Topology } from '../lab/topology.js';
import { unfinishedNetworks } from '../lab/unfinished-networks.js';
import { nearNames } from '../model/near-names.js';
import { type Scenario, solutionOf } from '../model/scenario.js';
import type { Path } from './line-of.js';

/** Something wrong at a place of the file; `key` where the key itself is meant. */
export interface Issue {
  readonly path: Path;
  readonly key?: string;
  readonly message: string;
}

const networks: readonly Topology[] = [...topologies, ...unfinishedNetworks];

const unknown = (path: Path, what: string, name: string, names: readonly string[]): Issue => {
  const near = nearNames(name, names);
  const message = `unknown ${what} ${JSON.stringify(name)}`;
  return { path, message: near.length === 0 ? message : `${message}; did you mean ${near.join(' or ')}?` };
};

/** A member of a value that may be anything. */
const member = (value: unknown, key: string | number): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string | number, unknown>)[key]
    : undefined;

const entries = (value: unknown, key: string): readonly unknown[] => {
  const list = member(value, key);
  return Array.isArray(list) ? list : [];
};

/**
 * What no schema can say of a file's value, right or wrong otherwise: the names of faults, networks, namespaces, causes.
 */
export const judgeNames = (value: unknown, causes: ReadonlySet<string>): readonly Issue[] => {
  const name = member(value, 'topology');
  const topology = networks.find(({ id }) => id === name);
  const judgeCause = (path: Path, cause: unknown): readonly Issue[] =>
    typeof cause !== 'string' || causes.has(cause) ? [] : [unknown(path, 'cause', cause, [...causes])];
  return [
    ...(typeof name === 'string' && topology === undefined
      ? [unknown(['topology'], 'network', name, ids(networks))]
      : []),
    ...entries(value, 'break').flatMap((entry, index) =>
      faultIssues(['break', index, 'fault'], member(entry, 'fault'), topology),
    ),
    ...entries(value, 'teaches').flatMap((cause, index) => judgeCause(['teaches', index], cause)),
    ...entries(value, 'expect').flatMap((entry, index) =>
      judgeCause(['expect', index, 'cause'], member(entry, 'cause')),
    ),
    ...(topology === undefined ? [] : namespaceIssues(value, topology, [])),
  ];
};

const ids = (named: readonly { readonly id: string }[]): readonly string[] => named.map(({ id }) => id);

const faultIssues = (path: Path, id: unknown, topology: Topology | undefined): readonly Issue[] => {
  if (typeof id !== 'string') return [];
  const fault = faults.find((candidate) => candidate.id === id);
  if (fault === undefined) return [unknown(path, 'fault', id, ids(faults))];
  if (topology === undefined || fault.topology === topology.id) return [];
  return [{ path, message: `the fault is made for the network ${fault.topology}, not ${topology.id}` }];
};

/** Every `netns` and `from` names a namespace of the network. */
const namespaceIssues = (value: unknown, topology: Topology, path: Path): readonly Issue[] => {
  if (typeof value !== 'object' || value === null) return [];
  const names = ['host', ...topology.namespaces, topology.target];
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = [...path, Array.isArray(value) ? Number(key) : key];
    if (typeof inner !== 'string') return namespaceIssues(inner, topology, place);
    if ((key !== 'netns' && key !== 'from') || names.includes(inner)) return [];
    const [near] = nearNames(inner, names);
    const help = near === undefined ? `${topology.id} has ${[...new Set(names)].join(', ')}` : `did you mean ${near}?`;
    return [{ path: place, message: `unknown namespace ${JSON.stringify(inner)}; ${help}` }];
  });
};

/** What is missing in a scenario whose parts are right. */
export const judgeWhole = (scenario: Omit<Scenario, 'file'>): readonly Issue[] => {
  const unfinished = unfinishedNetworks.some(({ id }) => id === scenario.topology);
  const issues: Issue[] = [];
  const missing = (message: string): void => void issues.push({ path: [], message });
  if (scenario.break.length === 0 && !unfinished) missing('break: is missing, and the network is whole');
  if (scenario.break.length > 0 && scenario.expect.length === 0) missing('expect: is missing: what a trace has to say');
  if (solutionOf({ ...scenario, file: '' }).length === 0) missing('solve: is missing, and no step changes anything');
  return issues;
};
