import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandResult } from '../host/run-command.js';
import type { Lab } from '../lab/lab.js';
import type { LabNetns } from '../lab/topology.js';
import type { LabProbe, Scenario } from '../model/scenario.js';
import { askProbe, type ProbeAnswer } from './probes.js';

/** An interface of the lab where packets can be seen. */
export interface Viewpoint {
  readonly netns: LabNetns;
  readonly ifname: string;
}

/** Seconds after which the capture ends in any case, and packets after which it does. */
const [MAX_SECONDS, MAX_PACKETS] = ['12', '8'];
const HEAD_START_MS = 400;
/** Time for the last packets to be printed. */
const AFTERWARDS_MS = 300;

/** The flow that a scenario is about, as one probe: the first that its check asks for, else an echo to the destination. */
export const probeOf = ({ check }: Scenario, { topology }: Lab): LabProbe =>
  check.find(({ kind }) => kind === 'ping' || kind === 'tcp' || kind === 'dns') ?? {
    kind: 'ping',
    from: topology.target,
    to: topology.destination,
    expect: 'answered',
    df: false,
    count: 2,
  };

/** The command that captures at a place. */
export const captureCommand = (ifname: string): readonly string[] => [
  ...['tcpdump', '-nnlp', '-c', MAX_PACKETS, '-i', ifname],
  'not (icmp6 and ip6[40] >= 130)',
];

/** Captures at one place while one probe is sent. Ends with the probe, or when its signal aborts. */
export const watchHop = async (
  lab: Lab,
  { netns, ifname }: Viewpoint,
  probe: LabProbe,
  signal: AbortSignal,
): Promise<{ readonly capture: CommandResult; readonly answer: ProbeAnswer }> => {
  const done = new AbortController();
  // `timeout` ends tcpdump when we are killed, and hands the interrupt on.
  const capture = lab.exec(['timeout', MAX_SECONDS, ...captureCommand(ifname)], {
    netns,
    timeoutMs: 15_000,
    signal,
    interrupt: done.signal,
  });
  await sleep(HEAD_START_MS);
  const answer = await askProbe(lab, probe);
  await Promise.race([capture, sleep(AFTERWARDS_MS)]);
  done.abort();
  return { capture: await capture, answer };
};
