import { inNetns } from '../../host/in-netns.js';
import { runCommand } from '../../host/run-command.js';
import type { NetnsRef } from '../../model/netns.js';
import { rowsOf } from '../facts/from-ip.js';
import type { Backend } from './firewall.js';
import { fromNft, fromSave, joined, type Rulesets } from './rulesets.js';

const HOST: Pick<NetnsRef, 'id' | 'path'> = { id: 'host', path: '/proc/self/ns/net' };
const TIMEOUT_MS = 30_000;

const outputOf = async (argv: readonly string[]): Promise<string> =>
  (await runCommand(argv, { timeoutMs: TIMEOUT_MS })).stdout;

/** The kernel's list of legacy tables is asked first: listing them would load what is not loaded. */
const legacyOutput = (tool: 'iptables' | 'ip6tables'): Promise<string> =>
  outputOf([
    'sh',
    '-c',
    `[ -z "$(cat /proc/thread-self/net/${tool === 'iptables' ? 'ip' : 'ip6'}_tables_names 2>/dev/null)" ] || exec ${tool}-legacy-save`,
  ]);

/** The host's firewall, as each of its tools lists it. */
export const readRulesets = async (): Promise<Rulesets> => {
  const [nft, four, six, legacyFour, legacySix] = await Promise.all([
    outputOf(['nft', '-s', 'list', 'ruleset']),
    outputOf(['iptables-nft-save']),
    outputOf(['ip6tables-nft-save']),
    legacyOutput('iptables'),
    legacyOutput('ip6tables'),
  ]);
  return joined([
    fromNft(nft),
    fromSave(four, 'iptables-nft'),
    fromSave(six, 'ip6tables-nft'),
    fromSave(legacyFour, 'iptables-legacy'),
    fromSave(legacySix, 'ip6tables-legacy'),
  ]);
};

/**
 * The tool that this host's rules are kept with: the one that has rules, else what `iptables` stands for, else nft. A
 * legacy table that was once listed stays loaded: one without rules or a policy of its own says nothing.
 */
export const backendOf = async ({ policies, rules }: Rulesets, wish: 'nft' | 'iptables' | null): Promise<Backend> => {
  if (wish === 'nft') return 'nft';
  const has = (tool: string): boolean => [...policies.keys()].some((key) => key.startsWith(`${tool} `));
  if (has('iptables-nft')) return 'iptables-nft';
  const isUsed = ([key, policy]: readonly [string, string]): boolean =>
    key.startsWith('iptables-legacy ') && policy === 'DROP';
  if (rules.some(({ tool }) => tool === 'iptables-legacy') || [...policies].some(isUsed)) return 'iptables-legacy';
  if (wish === null && rules.some(({ tool }) => tool === 'nft')) return 'nft';
  const version = await runCommand(['iptables', '-V']);
  if (version.failure !== null) return 'nft';
  return version.stdout.includes('legacy') ? 'iptables-legacy' : 'iptables-nft';
};

/** Addresses of neighbours that have answered on a device of the host. */
export const neighboursOn = async (device: string): Promise<readonly string[]> =>
  rowsOf(await outputOf(['ip', '-j', 'neigh', 'show', 'dev', device])).flatMap((row) =>
    typeof row['dst'] === 'string' && typeof row['lladdr'] === 'string' ? [row['dst']] : [],
  );

/**
 * Whether somebody has an address on the bridge's network: the kernel asks by ARP when it has to send there, and keeps
 * the answer, whatever the other does with what is sent. @see arp(7)
 */
export const answersArp = async (bridge: string, address: string, signal: AbortSignal): Promise<boolean> => {
  await runCommand(inNetns(HOST, ['ping', '-c', '1', '-W', '1', '-I', bridge, address]), { timeoutMs: 3_000, signal });
  return (await neighboursOn(bridge)).includes(address);
};

/** The host's end of the container's `eth0`; `null` when it has none, or it leads elsewhere. */
export const hostEndOf = async (target: NetnsRef): Promise<string | null> => {
  const [inner, outer] = await Promise.all([
    outputOf(inNetns(target, ['ip', '-j', '-d', 'link', 'show', 'dev', 'eth0'])),
    outputOf(['ip', '-j', '-d', 'link', 'show', 'type', 'veth']),
  ]);
  const [eth0] = rowsOf(inner);
  if (eth0 === undefined) return null;
  const ends = rowsOf(outer).filter(
    (row) => row['ifindex'] === eth0['link_index'] && row['link_index'] === eth0['ifindex'],
  );
  return ends.length === 1 && typeof ends[0]?.['ifname'] === 'string' ? ends[0]['ifname'] : null;
};
