import type { Proof } from '../../src/model/finding.js';
import type { CheckContext } from '../define-check.js';

/** ICMP errors of a type about our probes, as the captures saw them; empty when there were none. */
export const seenErrorProof = (context: CheckContext, type: number): readonly Proof[] => {
  const errors = context.located.errors.filter((error) => error.type === type);
  const [first] = errors;
  return first
    ? [
        {
          kind: 'seen',
          text: `ICMP "${first.words}" from ${first.from} for ${first.probes.length} of ${context.located.sent} probes`,
        },
      ]
    : [];
};
