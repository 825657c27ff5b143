import { hopOf } from '../../src/model/path-queries.js';
import type { AnyHook, Layer, RuleRef } from '../../src/netfilter/types.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import type { CheckContext } from '../define-check.js';

/** A rule or policy that loses a frame: the packet itself, or the question or answer that a neighbour needs. */
export interface FrameDrop {
  readonly step: StepOf<'frame'>;
  readonly rule: RuleRef;
  readonly hook: AnyHook;
}

/** Every drop in the given layers, in walk order, each rule once per way. */
export const frameDrops = (context: CheckContext, layers: readonly Layer[]): readonly FrameDrop[] => {
  const seen = new Set<string>();
  return stepsOf(context.walk, 'frame')
    .filter(({ detail }) => layers.includes(detail.layer))
    .flatMap((step) => step.detail.walk.drops.map((rule) => ({ step, rule, hook: step.detail.walk.hook })))
    .filter(({ step, rule }) => {
      const key = [step.netns, step.way, rule.backend, rule.family, rule.table, rule.chain, rule.index].join(' ');
      return !seen.has(key) && seen.add(key);
    });
};

/** Whether rules of the given layers see the frames. */
export const meetsFrameRules = (context: CheckContext, layers: readonly Layer[]): boolean =>
  stepsOf(context.walk, 'frame').some(({ detail }) => layers.includes(detail.layer));

const SOLICITATION = 135;
const ADVERTISEMENT = 136;

/** Whether a rule for frames loses what a neighbour is asked, or answers, for packets that wait on a link. */
export const losesQuestion = (context: CheckContext, link: string): boolean =>
  frameDrops(context, ['netdev', 'bridge', 'arp', 'ip']).some(({ step: { detail } }) => {
    const { frame, icmp } = detail.packet;
    const asks = frame?.arp || icmp?.type === SOLICITATION || icmp?.type === ADVERTISEMENT;
    return detail.waits === link && Boolean(asks);
  });

/** What is dropped, for a headline. */
export const frameWords = ({ way, detail }: StepOf<'frame' | 'filter'>): string => {
  const { frame } = detail.packet;
  if (frame?.arp) return `the ARP ${frame.arp.operation}`;
  return way === 'forward' ? 'the request' : 'the reply';
};

/** The bridge port or device that the frame comes in by, or leaves by. */
export const portOf = ({ step }: FrameDrop): string => step.detail.packet.iif ?? step.detail.packet.oif ?? '';

/** Where the packets are lost. */
export const losesOf = ({ step }: FrameDrop): { readonly link: string; readonly way: 'forward' | 'return' } => ({
  link: step.detail.waits,
  way: step.way,
});

/** MAC address of the container as the frames carry it. */
export const containerMac = (context: CheckContext, { step }: FrameDrop): string | null => {
  const { macSource, frame } = step.detail.packet;
  const own = hopOf(context.path, 'veth-host')?.ifname ?? null;
  return step.detail.packet.iif === own ? macSource : (frame?.macDestination ?? null);
};
