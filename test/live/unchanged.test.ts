import { expect, test } from 'vitest';
import type { Lab } from '../../src/lab/lab.js';
import { labForTest } from '../helpers/lab.js';

/** Everything that a trace could change, without counters and times. */
const INVENTORY = [
  "ip -d -o link | sed 's/_timer *[0-9.]*//g; s/ promiscuity/\\npromiscuity/'",
  'ip -o addr',
  'ip route show table all',
  'ip -6 route show table all',
  'ip rule',
  'nft list ruleset | sed "s/packets [0-9]* bytes [0-9]*//"',
  'iptables-save | sed "s/^#.*//; s/\\[[0-9:]*\\]//"',
  'sysctl -a 2>/dev/null | grep -v -E "random|dentry|inode|file-nr|conntrack_count|ns_last_pid|fs.quota"',
  'bridge -d link',
  'tc qdisc',
  'ls /run/netns',
].join('; ');

const inventory = async (lab: Lab): Promise<string> => {
  const texts = [];
  for (const netns of ['host', ...lab.topology.namespaces]) texts.push((await lab.exec(INVENTORY, { netns })).stdout);
  return texts.join('\n');
};

test.each([
  ['a healthy network', []],
  ['a broken network', ['sysctl -qw net.ipv4.ip_forward=0']],
])('a trace of %s changes nothing and leaves no process', async (_, commands) => {
  const lab = await labForTest('textbook');
  await lab.run(commands);
  const [before, processes] = [await inventory(lab), await lab.processes()];
  await lab.trace(['net1', '203.0.113.5']);
  expect(await inventory(lab)).toBe(before);
  expect(await lab.processes()).toEqual(processes);
});
