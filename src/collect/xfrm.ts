import { inNetns } from '../host/in-netns.js';
import type { Artifact } from '../model/artifact.js';
import type { XfrmSet } from '../model/state.js';
import { parseXfrmPolicies, parseXfrmStates } from '../parse/ip-xfrm.js';
import type { Collector } from './collector.js';
import { hasModule, LOADED, MODULE_COMMANDS } from './kernel-modules.js';
import { runArtifact } from './run-artifact.js';

const POLICIES = ['ip', 'xfrm', 'policy'];
const STATES = ['ip', 'xfrm', 'state', 'list', 'nokeys'];

/**
 * Policies and associations of IPsec. Asking for them would load the module where it is not: then, and where the kernel has
 * none, there are none.
 */
export const xfrm: Collector<'xfrm'> = {
  artifact: 'xfrm',
  commands: (netns) => [inNetns(netns, POLICIES), inNetns(netns, STATES), ...MODULE_COMMANDS],
  collect: async (netns, options): Promise<Artifact<XfrmSet>> => {
    if ((await hasModule(['xfrm_user'], options)) === false) return { ok: true, value: NONE, command: LOADED, ms: 0 };
    const policies = await runArtifact(netns, POLICIES, options, parseXfrmPolicies);
    if (!policies.ok)
      return /not supported/i.test(policies.message) ? { ...policies, ok: true, value: NONE } : policies;
    if (policies.value.length === 0) return { ...policies, value: NONE };
    const states = await runArtifact(netns, STATES, options, parseXfrmStates);
    return states.ok ? { ...policies, value: { policies: policies.value, states: states.value } } : states;
  },
};

const NONE: XfrmSet = { policies: [], states: [] };
