import type { Limit } from '../model/evidence.js';
import type { Flow, Way } from '../model/flow.js';
import { inert, shellQuote } from '../model/inert.js';
import type { NetnsId } from '../model/netns.js';
import type { MetRuleTrace } from '../model/rule-trace.js';
import type { RunEvent } from '../model/run.js';
import type { NetnsState } from '../model/state.js';
import { readNftRuleset } from '../parse/nft-json.js';
import { parseNftTrace } from '../parse/nft-trace.js';
import {
  type RuleTracer,
  startRuleTracer,
  type TracedPackets,
  tracerCommands,
  tracingScript,
} from '../witness/rule-tracer.js';
import type { TracePlan } from './plan.js';

/** Rules of one run that are kept. */
const MOST = 500;

/** The traces of all namespaces of a path. */
export interface RuleTraces {
  /** Namespaces in which a table was made: changes, which end with the run. */
  readonly changes: number;
  readonly limits: readonly Limit[];
  /** Ends the tables and gives what was met. */
  stop(before: Readonly<Record<NetnsId, NetnsState>>): Promise<readonly MetRuleTrace[]>;
  readonly gone: Promise<unknown>;
}

const tracedBy = ({ discovery: { flow }, found, token }: TracePlan): TracedPackets => ({
  flow,
  token: found === null ? token : null,
});

/** What is changed for a trace of the rules, before it is. */
export function* traceRulesAnnouncements(plan: TracePlan): Generator<RunEvent> {
  for (const netns of plan.discovery.netns) {
    const { owner, monitor } = tracerCommands(netns);
    const made = ['add table inet vethoscope_trace_PID { flags owner; }', ...tracingScript(tracedBy(plan))];
    yield {
      type: 'announce',
      what: `A CHANGE in ${inert(netns.name)}, which ends with the run: ${made.map((line) => shellQuote([line])).join(' ')}, told to`,
      command: owner,
    };
    yield { type: 'announce', what: `listen to the rules that packets meet in ${inert(netns.name)}`, command: monitor };
  }
}

/** Starts a trace in every namespace of the path. Never rejects for what the system lacks. */
export const startRuleTraces = async (plan: TracePlan, signal: AbortSignal): Promise<RuleTraces> => {
  const { netns, flow } = plan.discovery;
  const started = await Promise.all(
    netns.map(async (place) => ({ place, tracer: await startRuleTracer(place, tracedBy(plan), signal) })),
  );
  const running = started.flatMap(({ place, tracer }) => ('unavailable' in tracer ? [] : [{ id: place.id, tracer }]));
  return {
    changes: running.length,
    limits: started.flatMap(({ tracer }) => ('unavailable' in tracer ? [tracer.unavailable] : [])),
    stop: async (before) => {
      const all = await Promise.all(running.map(({ id, tracer }) => metIn(id, tracer, flow, before[id])));
      return all.flat().slice(0, MOST);
    },
    gone: Promise.all(running.map(({ tracer }) => tracer.gone)),
  };
};

const metIn = async (
  netns: NetnsId,
  tracer: RuleTracer,
  flow: Flow,
  state: NetnsState | undefined,
): Promise<readonly MetRuleTrace[]> => {
  const { lines, packets } = parseNftTrace(await tracer.stop());
  const indexes = ruleIndexes(state);
  const ways = new Map(
    packets.map(({ packet, source }): [string, Way] => [packet, source === flow.destination ? 'return' : 'forward']),
  );
  return lines
    .filter(({ table }) => !table.startsWith('vethoscope_trace_'))
    .map((line) => ({
      ...line,
      netns,
      way: ways.get(line.packet) ?? 'forward',
      index: line.handle === null ? null : (indexes.get(keyOf(line, line.handle)) ?? null),
    }));
};

const keyOf = ({ family, table, chain }: Pick<MetRuleTrace, 'family' | 'table' | 'chain'>, handle: number): string =>
  [family, table, chain, handle].join(' ');

/** The number of each rule in its chain, by its handle. */
const ruleIndexes = (state: NetnsState | undefined): ReadonlyMap<string, number> => {
  const indexes = new Map<string, number>();
  if (!state?.nftables.ok) return indexes;
  const counts = new Map<string, number>();
  for (const rule of readNftRuleset(state.nftables.value).rules) {
    const chain = [rule.family, rule.table, rule.chain].join(' ');
    const index = (counts.get(chain) ?? 0) + 1;
    counts.set(chain, index);
    if (rule.handle !== null) indexes.set(keyOf(rule, rule.handle), index);
  }
  return indexes;
};
