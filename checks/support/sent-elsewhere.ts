import { stepsOf } from '../../src/routing/flow-walk-types.js';
import type { CheckContext } from '../define-check.js';

/** Whether a rule gives the request another destination on its way out: then what it meets there is not the flow's own. */
export const isSentElsewhere = (context: CheckContext): boolean =>
  context.flow.kind === 'egress' &&
  stepsOf(context.walk, 'hook').some(
    ({ way, detail }) => way === 'forward' && detail.walk.translations.some(({ kind }) => kind === 'dnat'),
  );
