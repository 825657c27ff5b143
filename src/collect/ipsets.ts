import { inNetns } from '../host/in-netns.js';
import type { Collector } from './collector.js';
import { LOADED, WHOLE_KERNEL } from './kernel-modules.js';
import { runArtifact } from './run-artifact.js';

const SAVE = ['ipset', 'save'];

/**
 * The sets of ipset. Asking for them would load the module where it is not: then, and where it is built in but no
 * program is installed, there are none that a rule could name.
 */
export const ipsets: Collector<'ipsets'> = {
  artifact: 'ipsets',
  commands: (netns) => [inNetns(netns, SAVE), LOADED],
  collect: async (netns, options) => {
    const modules = await runArtifact(WHOLE_KERNEL, LOADED, options, (text) => text);
    if (modules.ok && !/^ip_set /m.test(modules.value)) return { ...modules, value: '' };
    return runArtifact(netns, SAVE, options, (text) => text);
  },
};
