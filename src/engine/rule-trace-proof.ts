import type { Evidence } from '../model/evidence.js';
import type { Finding, Proof } from '../model/finding.js';
import type { Way } from '../model/flow.js';
import type { NetnsId } from '../model/netns.js';
import { isFinal, type MetRuleTrace, objectOf } from '../model/rule-trace.js';

/** The rules and policies that dropped packets of one way in a namespace, as the kernel told it. */
const droppingIn = (trace: readonly MetRuleTrace[] | undefined, way: Way, netns: NetnsId): readonly MetRuleTrace[] =>
  (trace ?? []).filter((met) => met.way === way && met.netns === netns && isFinal(met));

/** The rule that the kernel says drops the packets, as a proof line; `null` where it told of none. */
export const ruleTraceProof = (trace: readonly MetRuleTrace[] | undefined, way: Way, netns: NetnsId): Proof | null => {
  const [drop] = droppingIn(trace, way, netns);
  if (!drop) return null;
  const { family, table, chain, handle, index, text } = drop;
  const rule = handle === null ? 'the policy' : `${index === null ? 'a rule' : `rule ${index}`} (handle ${handle})`;
  const what = text === '' ? '' : `: ${text}`;
  return {
    kind: 'kernel',
    text: `nft trace: ${rule} of ${family} ${table} ${chain} drops the ${way === 'forward' ? 'request' : 'reply'}${what}`,
    command: ['nft', '-a', 'list', 'chain', family, table, chain],
  };
};

/** Whether a finding about a rule is about the one that the kernel saw dropping; where it told of none, any may be. */
export const traceAllows = ({ place }: Finding, { ruleTrace }: Evidence): boolean => {
  const drops = droppingIn(ruleTrace, place.way, place.netns);
  if (drops.length === 0 || !place.object?.startsWith('table ')) return true;
  return drops.some((drop) => objectOf(drop) === place.object);
};
