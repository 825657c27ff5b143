import type { ServerControl } from '../model/controls.js';
import type { Flow } from '../model/flow.js';
import type { NetnsRef } from '../model/netns.js';
import type { ProbeResult, ProbeSettings } from '../model/probe.js';
import type { RunEvent } from '../model/run.js';
import { createToken, probe, probeCommand } from '../probe/probe.js';
import { plainly, type TracePlan } from './plan.js';

/** What a DNS server is asked beside the queries that it does not answer. */
interface ServerPlan {
  readonly netns: NetnsRef;
  readonly icmp: Flow;
  readonly tcp: Flow;
  readonly echoes: ProbeSettings;
  readonly connection: ProbeSettings;
}

/** A machine that is there has been asked three times before. */
const MOST_MS = 450;

const planOf = ({ discovery: { flow }, sender, probe: own }: TracePlan): ServerPlan | null => {
  if (!sender || !flow.dns) return null;
  const { dns: _, ...plain } = flow;
  const settings = plainly(own);
  const timeoutMs = Math.min(settings.timeoutMs, MOST_MS);
  return {
    netns: sender,
    icmp: { ...plain, protocol: 'icmp', port: null },
    tcp: { ...plain, protocol: 'tcp' },
    echoes: { ...settings, protocol: 'icmp', size: 56, count: 2, timeoutMs },
    connection: { ...settings, protocol: 'tcp', count: 1, mark: 0, timeoutMs },
  };
};

const UNUSED_TOKEN = '00000000';

/** The commands, before any of them is run. */
export function* serverAnnouncements(plan: TracePlan): Generator<RunEvent> {
  const server = planOf(plan);
  if (!server) return;
  const { netns, icmp, tcp, echoes, connection } = server;
  const what = 'if no query is answered, whether the server is there at all';
  yield { type: 'announce', what, command: probeCommand(netns, icmp, echoes, UNUSED_TOKEN) };
  yield { type: 'announce', what, command: probeCommand(netns, tcp, connection, UNUSED_TOKEN) };
}

/**
 * Whether the server is there where it answers no query; `null` where one was answered, also one of the host, or the queries
 * could not be sent.
 */
export const askServer = async (
  plan: TracePlan,
  result: ProbeResult,
  control: ProbeResult | null,
  signal: AbortSignal,
): Promise<ServerControl | null> => {
  const server = planOf(plan);
  const isSilent = result.answers.length > 0 && result.answers.every(({ outcome }) => outcome === 'timeout');
  if (!server || !isSilent || result.failure !== null || (control?.answered ?? 0) > 0) return null;
  const { netns, icmp, tcp, echoes, connection } = server;
  const [answers, attempt] = await Promise.all([
    probe(netns, icmp, echoes, createToken(), { signal }),
    probe(netns, tcp, connection, createToken(), { signal }),
  ]);
  return { icmp: answers, tcp: attempt };
};
