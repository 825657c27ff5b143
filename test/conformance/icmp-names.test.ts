import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ICMP_NAMES, ICMP6_NAMES } from '../../src/netfilter/icmp-types.js';
import { openNetns, type PrivateNetns } from '../helpers/private-netns.js';

const isRoot = process.geteuid?.() === 0;

/** Names of the last part of the help, with those in brackets: `time-exceeded (ttl-exceeded)`. */
const namesIn = (help: string): readonly string[] =>
  (help.split(/^Valid ICMP(?:v6)? Types:$/m)[1] ?? '').match(/[\w-]+/g) ?? [];

/** What iptables makes of a name: `3/4`, or `3` for all codes. */
const numbersOf = (rule: string): string => /--icmp(?:v6)?-type (\S+)/.exec(rule)?.[1] ?? 'none';

describe.skipIf(!isRoot)('names of ICMP types and codes (root only: rules)', () => {
  let netns: PrivateNetns;
  beforeAll(async () => {
    netns = await openNetns();
  });
  afterAll(() => netns.close());

  test.each([
    ['iptables', 'icmp', '--icmp-type', ICMP_NAMES, 35],
    ['ip6tables', 'icmpv6', '--icmpv6-type', ICMP6_NAMES, 22],
  ])('are those of %s', (program, protocol, option, names, atLeast) => {
    const listed = namesIn(netns.run([program, '-p', protocol, '-h'])).filter((name) => name !== 'any');
    expect(listed.length).toBeGreaterThanOrEqual(atLeast);
    for (const name of listed) netns.run([program, '-A', 'INPUT', '-p', protocol, option, name]);
    const rules = netns
      .run([program, '-S', 'INPUT'])
      .split('\n')
      .filter((line) => line.startsWith('-A'));
    const read = Object.fromEntries(listed.map((name, index) => [name, numbersOf(rules[index] ?? '')]));
    const known = Object.fromEntries(
      listed.map((name) => {
        const [type, low, high] = names[name] ?? ['unknown', 0, 255];
        return [name, low === 0 && high === 255 ? `${type}` : `${type}/${low}`];
      }),
    );
    expect(known).toEqual(read);
  });
});
