import type { LossPlace } from '../../src/model/finding.js';
import { hopOf, sideLinks } from '../../src/model/path-queries.js';
import type { AddressState, LinkState } from '../../src/model/state.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import type { CheckContext } from '../define-check.js';
import { hasSubnetOf } from './container.js';

/** The host's route back to the container leads elsewhere than to where the request came from. */
export interface MisroutedReply {
  readonly step: StepOf<'return-device'>;
  /** Device that the request came in by. */
  readonly entry: LinkState;
  /** Device that the route back names; `null` when there is none. */
  readonly chosen: LinkState | null;
  /** Host end of the container's veth pair, where there is one. */
  readonly veth: LinkState | null;
  /** The container's address that the reply is for; `null` when the walk asked no route for it. */
  readonly container: string | null;
  /** Where the reply is lost: on the router's link, or on its way to the wrong device. */
  readonly loses: readonly [LossPlace, ...LossPlace[]];
}

/** Whether the host looks up a route for the reply to the container at all. */
export const isRoutedBack = (context: CheckContext): boolean =>
  stepsOf(context.walk, 'return-device').some((step) => step.netns === 'host');

/**
 * The bridge that the container belongs on: where the route to it leads, or, when only the default route is left for it,
 * the bridge with an address in its subnet, whose own route goes when the bridge is down.
 */
export const homeBridge = (
  { step, chosen, container }: MisroutedReply,
  links: readonly LinkState[],
  addresses: readonly AddressState[],
): LinkState | null => {
  if (!leadsByDefault(step)) return chosen?.kind === 'bridge' ? chosen : null;
  return links.find((link) => link.kind === 'bridge' && hasSubnetOf(addresses, link.ifname, container)) ?? null;
};

/** Whether no route to the container is left but the default one, which is not made for it. */
export const leadsByDefault = (step: StepOf<'return-device'>): boolean =>
  ['0.0.0.0/0', '::/0'].includes(step.detail.answer.route?.destination ?? '');

/** The first router that would send the reply to a device other than the one the request came in by. */
export const misroutedReply = (context: CheckContext, hostLinks: readonly LinkState[]): MisroutedReply | null => {
  const step = stepsOf(context.walk, 'return-device').find(
    (candidate) => candidate.outcome === 'drop' && candidate.netns === 'host',
  );
  if (!step) return null;
  const named = (name: string | null) => hostLinks.find((link) => link.ifname === name) ?? null;
  const entry = named(step.detail.expected);
  if (!entry) return null;
  const asked = stepsOf(context.walk, 'route').find(({ link, way }) => link === step.link && way === 'return');
  return {
    step,
    entry,
    container: asked?.detail.query.destination ?? context.flow.source,
    chosen: named(step.detail.answer.dev),
    veth: named(hopOf(context.path, 'veth-host')?.ifname ?? null),
    loses: [
      { link: step.link, way: 'return' },
      ...sideLinks(context.path).map((link) => ({ link: link.id, way: 'return' as const })),
    ],
  };
};
