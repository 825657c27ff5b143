import { planCaptures } from '../../src/capture/plan.js';
import { sequencesOf, toSightings } from '../../src/capture/sightings.js';
import { startTaps } from '../../src/capture/taps.js';
import type { Lab } from '../../src/lab/lab.js';
import type { KernelDrop } from '../../src/model/evidence.js';
import type { Flow } from '../../src/model/flow.js';
import type { NetnsRef } from '../../src/model/netns.js';
import type { Sighting } from '../../src/model/packet.js';
import type { Path } from '../../src/model/path.js';
import type { ProbeResult, ProbeSettings } from '../../src/model/probe.js';
import { createToken, probe } from '../../src/probe/probe.js';
import { probeTcp } from '../../src/probe/tcp.js';
import { toKernelDrops, type Witnessed } from '../../src/witness/kernel-drops.js';
import { probeLengths, randomProbeSize } from '../../src/witness/lengths.js';
import { startWitness } from '../../src/witness/start-witness.js';
import { hop, TEXTBOOK_LINKS } from './path-parts.js';

/** The path of the textbook network; `router` is the namespace that plays the host. */
export const TEXTBOOK_PATH: Path = {
  hops: [
    hop('h0', 'socket', 'target', null),
    hop('h1', 'container', 'target', 'eth0'),
    hop('h2', 'veth-host', 'router', 'veth1_p'),
    hop('h3', 'bridge', 'router', 'br0'),
    hop('h4', 'uplink', 'router', 'eth0'),
    hop('h5', 'outside', 'router', null),
  ],
  links: TEXTBOOK_LINKS,
  routers: [{ netns: 'router', link: 'h3-h4', iif: 'br0', oif: 'eth0', nextHop: '198.51.100.1' }],
  notes: [],
};

export interface WitnessRun {
  readonly drops: readonly KernelDrop[];
  readonly witnessed: Witnessed;
  readonly sightings: readonly Sighting[];
  readonly probe: ProbeResult;
  /** Milliseconds that the witness took to start. */
  readonly setUpMs: number;
  /** Milliseconds from the drop to its being read, by CLOCK_MONOTONIC; empty without a drop. */
  readonly latencyMs: readonly number[];
  /** The drops as they are where no capture runs. */
  readonly dropsWithoutCaptures: readonly KernelDrop[];
}

export interface WitnessRunOptions {
  readonly family?: 4 | 6;
  readonly source?: string;
  readonly destination?: string;
  readonly count?: number;
  readonly tcpPort?: number;
  readonly tcpScript?: string;
  readonly timeoutMs?: number;
  /** Milliseconds to go on listening after the probe. */
  readonly lingerMs?: number;
  readonly stacks?: boolean;
  /** Runs beside the probe. */
  readonly during?: (size: number) => Promise<unknown>;
}

/** Probes from the textbook network's container with captures and the kernel witness running. */
export const witnessRun = async (lab: Lab, options: WitnessRunOptions = {}): Promise<WitnessRun> => {
  const { holder, topology } = lab;
  const target: NetnsRef = {
    id: 'target',
    name: 'net1',
    path: `/proc/${holder.pid}/root/run/netns/${topology.target}`,
    inode: 1,
  };
  const router: NetnsRef = { id: 'router', name: 'host', path: `/proc/${holder.pid}/ns/net`, inode: 2 };
  const protocol = options.tcpPort === undefined ? 'icmp' : 'tcp';
  const flow: Flow = {
    kind: 'egress',
    family: options.family ?? 4,
    protocol,
    source: options.source ?? '192.168.0.2',
    destination: options.destination ?? topology.destination,
    destinationText: options.destination ?? topology.destination,
    port: options.tcpPort ?? null,
    mark: 0,
  };
  const size = randomProbeSize();
  const settings: ProbeSettings = {
    protocol,
    count: options.count ?? 2,
    intervalMs: 20,
    size,
    df: false,
    source: null,
    mark: 0,
    timeoutMs: options.timeoutMs ?? 300,
  };
  const startedNs = BigInt(Date.now()) * 1_000_000n;
  const token = createToken();
  const plans = planCaptures(TEXTBOOK_PATH, flow, [target, router], { icmp: token }, { asNobody: true, size });
  const latencyMs: number[] = [];
  const began = performance.now();
  let setUpMs = 0;
  const started = startWitness({
    lengths: probeLengths(flow, settings),
    devices: protocol === 'tcp' ? ['eth0', 'veth1_p', 'br0'] : [],
    family: flow.family,
    protocol,
    stacks: options.stacks ?? false,
    onDrop: () => {
      const read = Number(process.hrtime.bigint() / 1000n);
      void started.then((witness) => {
        if ('unavailable' in witness) return;
        const last = witness.current.events.at(-1);
        if (last) latencyMs.push((read - last.clockUs) / 1000);
      });
    },
  });
  const [witness, taps] = await Promise.all([
    started.finally(() => {
      setUpMs = performance.now() - began;
    }),
    startTaps(plans, { startedNs, token }),
  ]);
  if ('unavailable' in witness) throw new Error(witness.unavailable.why);
  const { tcpScript } = options;
  const probing =
    tcpScript === undefined
      ? probe(target, flow, settings, token)
      : probeTcp(target, flow, settings, { script: tcpScript });
  const [result] = await Promise.all([probing, options.during?.(size)]);
  if (options.lingerMs) await new Promise((resolve) => setTimeout(resolve, options.lingerMs));
  await taps.settle();
  const [captured, witnessed] = await Promise.all([taps.stop(), witness.stop()]);
  await witness.gone;
  await taps.gone;
  const facts = {
    token,
    bySequence: sequencesOf(result, captured.packets, { ...flow, nearest: TEXTBOOK_PATH.hops[1]?.id }),
    own: [flow.source ?? ''],
  };
  const sightings = [...captured.packets].flatMap(([id, packets]) => toSightings(id, packets, flow, facts));
  const seen = { path: TEXTBOOK_PATH, probe: result, startedNs };
  const drops = toKernelDrops(witnessed, { ...seen, sightings, captures: captured.reports });
  const dropsWithoutCaptures = toKernelDrops(witnessed, { ...seen, sightings: [], captures: [] });
  return { drops, witnessed, sightings, probe: result, setUpMs, latencyMs, dropsWithoutCaptures };
};
