import type { NetnsRef } from '../../src/model/netns.js';
import type { PolicyRule } from '../../src/model/state.js';

const NAMED = /^\/(?:var\/)?run\/netns\/([^/]+)$/;

/**
 * A command as a person on the host would type it for a namespace: `ip -n NAME …` where the namespace has a name,
 * `nsenter --net=PATH …` where it has none, unchanged for the host itself.
 */
export const inside = (netns: NetnsRef, argv: readonly string[]): readonly string[] => {
  if (netns.id === 'host') return argv;
  const name = NAMED.exec(netns.path)?.[1];
  const [program, ...rest] = argv;
  if (name !== undefined && (program === 'ip' || program === 'bridge')) return [program, '-n', name, ...rest];
  return name === undefined ? ['nsenter', `--net=${netns.path}`, ...argv] : ['ip', 'netns', 'exec', name, ...argv];
};

/** Words of a command kept as text, split at blanks: `ip route add blackhole 203.0.113.0/24`. */
export const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Adds or deletes exactly this policy rule: several may share its priority. */
export const ruleCommand = (rule: PolicyRule, verb: 'add' | 'del'): readonly string[] => [
  'ip',
  ...(rule.family === 6 ? ['-6'] : []),
  'rule',
  verb,
  ...words(rule.text),
];

/** A key of one device as sysctl(8) takes it: it reads a dot in the device's name as a slash and the other way round. */
export const deviceKey = (device: string, leaf: string): string =>
  `net.ipv4.conf.${device.replaceAll('.', '/')}.${leaf}`;
