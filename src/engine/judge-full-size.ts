import type { Diagnosis } from '../model/diagnosis.js';
import type { Evidence } from '../model/evidence.js';
import { type FullSize, isLinkLimit } from '../model/full-size.js';
import { headerBytes, type ProbeResult } from '../model/probe.js';
import { tooBigFor } from '../model/too-big.js';

/** The full-size packet as a probe of its own: the same state, and nothing that was seen of the ordinary one. */
export const fullSizeEvidence = (evidence: Evidence): Evidence => {
  const { kernelSeen: _seen, ...others } = evidence;
  const { fullSize, flow, probeSettings } = others;
  if (!fullSize) return evidence;
  const { dns: _dns, ...plain } = flow;
  return {
    ...others,
    flow: { ...plain, protocol: 'icmp', port: null },
    probeSettings: {
      ...probeSettings,
      protocol: 'icmp',
      count: fullSize.probe.answers.length,
      size: fullSize.bytes - headerBytes(flow.family),
      df: true,
    },
    probe: fullSize.probe,
    control: null,
    sightings: fullSize.sightings,
    kernelDrops: [],
  };
};

/**
 * What the full-size packet adds to a probe that was answered: that it passes too, the path MTU that the container was
 * told, or the place where such packets are lost and nobody says so.
 * @param judge gives the diagnosis of the full-size packet alone
 */
export const withFullSize = (small: Diagnosis, fullSize: FullSize, judge: () => Diagnosis): Diagnosis => {
  const { probe, control, bytes, passes } = fullSize;
  const note = (text: string): Diagnosis => ({ ...small, summary: `${small.summary}; ${text}`, aboutSize: text });
  if (probe.failure !== null) return note(`one of ${bytes} bytes was not tried: ${probe.failure}`);
  if (probe.answers.length === 0) return small;
  if (probe.answered > 0) return note(`one of ${bytes} bytes was answered too`);
  const told = tooBigFor(probe);
  if (told) return note(toldText(told));
  if (control?.answered === 0) return small;
  const whole = judge();
  if (control && isRuleForEchoes(whole)) return note(`one of ${bytes} bytes, an echo, is dropped here: ${whole.title}`);
  if (whole.cause !== null && whole.status === 'fault')
    return {
      ...whole,
      status: 'degraded',
      summary: `${small.summary}, and none of ${bytes} bytes: ${whole.title}`,
      packetBytes: bytes,
      rewrites: small.rewrites,
    };
  if (!isLocal(probe) && isOutside(whole) && !isLinkLimit(passes ?? 0))
    return note(unansweredText(bytes, passes ?? null));
  return {
    ...whole,
    status: 'inconclusive',
    counts: small.counts,
    rewrites: small.rewrites,
    summary: `${small.summary}, and none of ${bytes} bytes`,
    doubts: whole.doubts.map((doubt) => `packets of ${bytes} bytes: ${doubt}`),
  };
};

const toldText = ({ mtu, from }: { readonly mtu: number | null; readonly from: string | null }): string => {
  const size = mtu === null ? 'a smaller path MTU' : `a path MTU of ${mtu} bytes`;
  return from === null ? `the container holds ${size}` : `${from} tells the container ${size}`;
};

const unansweredText = (bytes: number, passes: number | null): string =>
  passes === null
    ? `one of ${bytes} bytes gets no answer from outside, which may be meant for large echoes alone`
    : `one of ${bytes} bytes gets no answer from outside, one of ${passes} bytes does`;

/**
 * Whether a firewall rule of this host drops the large echo. A rule may select ICMP alone: of a flow that is none, such a loss
 * shows nothing.
 */
const isRuleForEchoes = ({ findings: [root] }: Diagnosis): boolean =>
  root?.place.object?.startsWith('table ') === true && root.check !== 'pmtu-blackhole';

const isLocal = ({ answers }: ProbeResult): boolean => answers.some(({ outcome }) => outcome === 'not-sent');

const isOutside = ({ brokenLink }: Diagnosis): boolean =>
  brokenLink?.stage === 'wire' || brokenLink?.stage === 'outside';
