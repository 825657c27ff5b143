import { runCommand } from '../host/run-command.js';

/** What this machine's own namespace has, without counters; nothing of it may change by a lab. */
const READ = [
  'ip -br link',
  'ip -br addr',
  'ip -4 route show table all; ip -6 route show table main | sed "s/ expires .*//"',
  'ip rule; ip -6 rule',
  'iptables-save 2>&1 | sed "s/^#.*//; s/\\[[0-9:]*\\]//"',
  'cat /proc/sys/net/ipv4/ip_forward',
  'grep -c vethoscope-lab /proc/self/mounts',
];

/** The inventory of the machine, as text; what may not be read is the same text each time. */
export const machineInventory = async (): Promise<string> =>
  (await runCommand(['sh', '-c', READ.join('; ')], { timeoutMs: 15_000 })).stdout;

/** The first lines that one inventory has and the other has not. */
export const inventoryDifference = (before: string, after: string): readonly string[] => {
  const [old, now] = [before.split('\n'), after.split('\n')];
  return [
    ...now.filter((line) => !old.includes(line)).map((line) => `the machine has now: ${line}`),
    ...old.filter((line) => !now.includes(line)).map((line) => `the machine has no more: ${line}`),
  ].slice(0, 4);
};
