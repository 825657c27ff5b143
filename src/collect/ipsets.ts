import { inNetns } from '../host/in-netns.js';
import type { Collector } from './collector.js';
import { runArtifact } from './run-artifact.js';

const SAVE = ['ipset', 'save'];
const MODULES = ['cat', '/proc/modules'];

/**
 * The sets of ipset. Asking for them would load the module where it is not: then, and where it is built in but no
 * program is installed, there are none that a rule could name.
 */
export const ipsets: Collector<'ipsets'> = {
  artifact: 'ipsets',
  commands: (netns) => [inNetns(netns, SAVE), inNetns(netns, MODULES)],
  collect: async (netns, options) => {
    const modules = await runArtifact(netns, MODULES, options, (text) => text);
    if (modules.ok && !/^ip_set /m.test(modules.value)) return { ...modules, value: '' };
    return runArtifact(netns, SAVE, options, (text) => text);
  },
};
