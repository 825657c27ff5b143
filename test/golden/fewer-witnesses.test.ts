import { describe, expect, test } from 'vitest';
import { diagnose } from '../../src/engine/diagnose.js';
import { rightCauses } from '../../src/lab/fault.js';
import { faults } from '../../src/lab/faults/index.js';
import type { Artifact } from '../../src/model/artifact.js';
import type { Evidence } from '../../src/model/evidence.js';
import type { ArtifactName, NetnsState } from '../../src/model/state.js';
import { recorded } from '../helpers/evidence.js';
import { isRule } from '../helpers/is-rule.js';
import { withoutTcpdump } from '../helpers/remove-witness.js';

/** What only root may read: rules, sets, policies of IPsec, and what tc and conntrack know. */
const ROOTS: readonly ArtifactName[] = [
  'conntrack',
  'ip6tablesLegacy',
  'ip6tablesNft',
  'ipsets',
  'iptablesLegacy',
  'iptablesNft',
  'nftables',
  'tcFilters',
  'xfrm',
];

const denied: Artifact<never> = { ok: false, reason: 'not-permitted', message: 'only root may', command: [], ms: 0 };

const asUser = <S extends Partial<NetnsState>>(states: Readonly<Record<string, S>>): Readonly<Record<string, S>> =>
  Object.fromEntries(
    Object.entries(states).map(([netns, state]) => [
      netns,
      { ...state, ...Object.fromEntries(ROOTS.flatMap((name) => (name in state ? [[name, denied]] : []))) },
    ]),
  );

const withoutTracefs = ({ kernelSeen: _, ...evidence }: Evidence): Evidence => ({ ...evidence, kernelDrops: [] });

/** As one who may enter the container's namespace, which is that of a user, and read nothing that is root's. */
const withoutRoot = (evidence: Evidence): Evidence => {
  const { before, after } = evidence;
  return { ...withoutTracefs(withoutTcpdump(evidence)), before: asUser(before), after: asUser(after) };
};

const AIMS = [
  { without: 'tracefs', right: 0.85, remove: withoutTracefs },
  { without: 'tcpdump', right: 0.8, remove: withoutTcpdump },
  { without: 'root', right: 0.4, remove: withoutRoot },
] as const;

describe('a witness taken away', () => {
  test.each(AIMS)('without $without', ({ without, right, remove }) => {
    const seen = without === 'root' ? faults.filter(({ id }) => !isRule(id)) : faults;
    const verdicts = seen.map((fault) => {
      const { id } = fault;
      const { cause, status } = diagnose(remove(recorded(id)));
      if (cause !== null && rightCauses(fault).includes(cause)) return { id, is: 'right' };
      return {
        id,
        is:
          cause === null && status === 'inconclusive'
            ? 'undecided'
            : cause === 'unexplained-drop'
              ? 'unexplained'
              : `wrong: ${cause ?? status}`,
      };
    });
    const share = verdicts.filter(({ is }) => is === 'right').length / verdicts.length;
    process.stdout.write(
      `without ${without}: ${(share * 100).toFixed(0)} % of ${verdicts.length} faults are named right\n`,
    );
    expect(verdicts.filter(({ is }) => is.startsWith('wrong'))).toEqual([]);
    expect(share).toBeGreaterThanOrEqual(right);
  });
});
