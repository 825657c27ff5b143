import { traceArguments } from '../lab/fault.js';
import { faults } from '../lab/faults/index.js';
import type { Topology } from '../lab/topology.js';
import type { Run } from '../model/run.js';
import type { ExpectedCause, Scenario } from '../model/scenario.js';

/** Arguments of `trace` for the flow of a scenario: its own, else that of the first fault it breaks. */
export const scenarioTraceArguments = ({ trace, break: entries }: Scenario, topology: Topology): readonly string[] => {
  const first = entries.find((entry) => 'fault' in entry);
  const probe = faults.find(({ id }) => id === first?.fault)?.probe;
  if (trace === null) return traceArguments(topology, probe);
  const target = trace.target ?? topology.target;
  return traceArguments(
    { target, destination: topology.destination },
    {
      destination: trace.to ?? topology.destination,
      protocol: trace.proto ?? 'icmp',
      ...(trace.from === undefined ? {} : { from: trace.from === 'host' ? 'host' : `netns:${trace.from}` }),
      ...(trace.size === undefined ? {} : { size: trace.size }),
      ...(trace.df ? { df: true } : {}),
      ...(trace.count === undefined ? {} : { count: trace.count }),
    },
  );
};

/** Whether a diagnosis names what was expected, and if not, what it says instead. */
export const judgeDiagnosis = ({ diagnosis, path }: Run, expected: ExpectedCause): string | null => {
  const { cause, brokenLink, direction } = diagnosis;
  const names = faults.find(({ id }) => id === expected.cause)?.expect.cause ?? [expected.cause];
  if (cause === null || ![expected.cause, ...names].includes(cause))
    return `the trace names ${cause ?? diagnosis.status}, not ${expected.cause}`;
  const role = (id: string | undefined): string => path.hops.find((hop) => hop.id === id)?.role ?? 'nothing';
  const link = [role(brokenLink?.from), role(brokenLink?.to)].join(' - ');
  if (expected.link !== undefined && link !== expected.link.join(' - '))
    return `the trace says ${link}, not ${expected.link.join(' - ')}`;
  if (expected.direction !== undefined && direction !== expected.direction)
    return `the trace says ${direction}, not ${expected.direction}`;
  return null;
};
