import { inNetns } from '../host/in-netns.js';
import type { Artifact } from '../model/artifact.js';
import type { PolicyRule } from '../model/state.js';
import { parseIpRule } from '../parse/ip-rule.js';
import type { Collector } from './collector.js';
import { runArtifact } from './run-artifact.js';

const COMMANDS = { 4: ['ip', '-4', '-j', '-d', 'rule', 'show'], 6: ['ip', '-6', '-j', '-d', 'rule', 'show'] } as const;

/** Policy rules of both families; a kernel without IPv6 has none of that family. */
export const rules: Collector<'rules'> = {
  artifact: 'rules',
  commands: (netns) => [inNetns(netns, COMMANDS[4]), inNetns(netns, COMMANDS[6])],
  collect: async (netns, options) => {
    const [four, six] = await Promise.all([
      runArtifact(netns, COMMANDS[4], options, (text) => parseIpRule(text, 4)),
      runArtifact(netns, COMMANDS[6], options, (text) => parseIpRule(text, 6)),
    ]);
    if (!four.ok) return four;
    if (!six.ok) return lacksIpv6(six) ? four : six;
    return { ...four, value: [...four.value, ...six.value], ms: Math.max(four.ms, six.ms) };
  },
};

const lacksIpv6 = (artifact: Artifact<PolicyRule[]>): boolean =>
  !artifact.ok && artifact.reason === 'failed' && /not supported/i.test(artifact.message);
