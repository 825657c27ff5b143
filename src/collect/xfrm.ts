import { inNetns } from '../host/in-netns.js';
import { HAS_NO_XFRM } from '../host/xfrm-module.js';
import type { Artifact } from '../model/artifact.js';
import type { XfrmSet } from '../model/state.js';
import { parseXfrmPolicies, parseXfrmStates } from '../parse/ip-xfrm.js';
import type { Collector } from './collector.js';
import { runArtifact } from './run-artifact.js';

const POLICIES = ['ip', 'xfrm', 'policy'];
const STATES = ['ip', 'xfrm', 'state', 'list', 'nokeys'];
const HAS_NONE = ['sh', '-c', HAS_NO_XFRM];

/**
 * Policies and associations of IPsec. Asking for them would load the module where it is not: then, and where the kernel has
 * none, there are none.
 */
export const xfrm: Collector<'xfrm'> = {
  artifact: 'xfrm',
  commands: (netns) => [POLICIES, STATES, HAS_NONE].map((argv) => inNetns(netns, argv)),
  collect: async (netns, options): Promise<Artifact<XfrmSet>> => {
    const none = await runArtifact(netns, HAS_NONE, options, () => NONE);
    if (none.ok) return none;
    const policies = await runArtifact(netns, POLICIES, options, parseXfrmPolicies);
    if (!policies.ok)
      return /not supported/i.test(policies.message) ? { ...policies, ok: true, value: NONE } : policies;
    if (policies.value.length === 0) return { ...policies, value: NONE };
    const states = await runArtifact(netns, STATES, options, parseXfrmStates);
    return states.ok ? { ...policies, value: { policies: policies.value, states: states.value } } : states;
  },
};

const NONE: XfrmSet = { policies: [], states: [] };
