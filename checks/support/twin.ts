import { hopOf } from '../../src/model/path-queries.js';
import type { NeighbourState } from '../../src/model/state.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import type { CheckContext, Owner } from '../define-check.js';

/** Another device with the container's address, and the entry by which the host sends to the one or the other. */
export interface Twin {
  readonly owner: Owner;
  readonly step: StepOf<'neighbour'>;
  readonly entry: NeighbourState;
}

/** Whom the host sends to on a path to a container on a bridge whose address another namespace has too; `null` where none has. */
export const twinOf = (context: CheckContext): Twin | null => {
  const { source } = context.flow;
  if (source === null || !hopOf(context.path, 'veth-host')) return null;
  const owner = context.owners(source).find(({ netns }) => netns.id !== 'target' && netns.id !== 'host');
  const step = stepsOf(context.walk, 'neighbour').find(
    ({ netns, way, detail }) => netns === 'host' && way === 'return' && detail.address === source,
  );
  return owner && step?.detail.entry ? { owner, step, entry: step.detail.entry } : null;
};
