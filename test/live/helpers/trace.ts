import { tokenOffset } from '../../../src/capture/filter.js';
import { planCaptures } from '../../../src/capture/plan.js';
import { sequencesOf, toSightings } from '../../../src/capture/sightings.js';
import { startTaps } from '../../../src/capture/taps.js';
import { locate } from '../../../src/engine/locate.js';
import { canBecomeNobody } from '../../../src/host/identity.js';
import type { Flow } from '../../../src/model/flow.js';
import type { Located } from '../../../src/model/located.js';
import type { CaptureReport, Sighting } from '../../../src/model/packet.js';
import type { Path } from '../../../src/model/path.js';
import type { ProbeResult, ProbeSettings } from '../../../src/model/probe.js';
import { probeIcmp } from '../../../src/probe/icmp.js';
import { createToken } from '../../../src/probe/probe.js';
import { probeTcp } from '../../../src/probe/tcp.js';
import { FLOW, TEXTBOOK_PATH } from './path.js';
import type { Textbook } from './textbook.js';

export interface Traced {
  readonly located: Located;
  readonly probe: ProbeResult;
  readonly reports: readonly CaptureReport[];
  readonly sightings: readonly Sighting[];
}

export interface TraceOptions {
  readonly flow?: Partial<Flow>;
  readonly settings?: Partial<ProbeSettings>;
  readonly script?: string;
  readonly path?: Path;
}

const OWN = ['192.168.0.2', '192.168.0.1', '198.51.100.10', '2001:db8:1::2', '2001:db8:1::1', '2001:db8:2::10'];

/** Captures, probes and locates, as a run does. */
export const trace = async (lab: Textbook, options: TraceOptions = {}): Promise<Traced> => {
  const flow: Flow = { ...FLOW, ...options.flow };
  const path = options.path ?? TEXTBOOK_PATH;
  const settings: ProbeSettings = {
    protocol: flow.protocol,
    count: 3,
    intervalMs: 20,
    size: 56,
    df: false,
    source: null,
    mark: 0,
    timeoutMs: 400,
    ...options.settings,
  };
  const token = createToken();
  const neighbours = ['192.168.0.1', '192.168.0.99', '2001:db8:1::1', '2001:db8:2::1'];
  const plans = planCaptures(
    path,
    flow,
    lab.netns,
    { icmp: token },
    { asNobody: canBecomeNobody(), neighbours, size: settings.size },
  );
  const taps = await startTaps(plans, { token, startedNs: BigInt(Date.now()) * 1_000_000n });
  const probe =
    flow.protocol === 'tcp'
      ? await probeTcp(
          lab.ref('target'),
          flow,
          settings,
          options.script === undefined ? {} : { script: options.script },
        )
      : await probeIcmp(lab.ref('target'), flow, settings, token);
  await taps.settle();
  const { reports, packets } = await taps.stop();
  const facts = {
    token: tokenOffset(settings.size) === null ? null : token,
    bySequence: sequencesOf(probe, packets, { ...flow, nearest: path.hops[1]?.id }),
    own: OWN,
  };
  const sightings = [...packets].flatMap(([id, seen]) => toSightings(id, seen, flow, facts));
  await taps.gone;
  return { probe, reports, sightings, located: locate(path, sightings, reports, probe) };
};
