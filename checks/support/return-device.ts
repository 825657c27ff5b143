import type { LossPlace } from '../../src/model/finding.js';
import { hopOf, sideLinks } from '../../src/model/path-queries.js';
import type { LinkState } from '../../src/model/state.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import type { CheckContext } from '../define-check.js';

/** The host's route back to the container leads elsewhere than to where the request came from. */
export interface MisroutedReply {
  readonly step: StepOf<'return-device'>;
  /** Device that the request came in by. */
  readonly entry: LinkState;
  /** Device that the route back names; `null` when there is none. */
  readonly chosen: LinkState | null;
  /** Host end of the container's veth pair, where there is one. */
  readonly veth: LinkState | null;
  /** Where the reply is lost: on the router's link, or on its way to the wrong device. */
  readonly loses: readonly [LossPlace, ...LossPlace[]];
}

/** The first router that would send the reply to a device other than the one the request came in by. */
export const misroutedReply = (context: CheckContext, hostLinks: readonly LinkState[]): MisroutedReply | null => {
  const step = stepsOf(context.walk, 'return-device').find(
    (candidate) => candidate.outcome === 'drop' && candidate.netns === 'host',
  );
  if (!step) return null;
  const named = (name: string | null) => hostLinks.find((link) => link.ifname === name) ?? null;
  const entry = named(step.detail.expected);
  if (!entry) return null;
  return {
    step,
    entry,
    chosen: named(step.detail.answer.dev),
    veth: named(hopOf(context.path, 'veth-host')?.ifname ?? null),
    loses: [
      { link: step.link, way: 'return' },
      ...sideLinks(context.path).map((link) => ({ link: link.id, way: 'return' as const })),
    ],
  };
};
