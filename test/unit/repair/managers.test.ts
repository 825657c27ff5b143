import { expect, test } from 'vitest';
import { describeCommand } from '../../../src/repair/command.js';
import { ufwFacts, zoneFacts } from '../../../src/repair/facts/from-managers.js';
import { restoreCommands } from '../../../src/repair/restore-commands.js';

test("interfaces are in the zones that firewalld lists, and in none where it doesn't run", () => {
  const output = 'docker\n  interfaces: docker0 br-1a2b\npublic (default)\n  interfaces: eth0\n  sources: 10.0.0.0/8\n';
  expect(zoneFacts(output)).toEqual([
    ['zone', 'docker0', 'docker'],
    ['zone', 'br-1a2b', 'docker'],
    ['zone', 'eth0', 'public'],
  ]);
  expect(zoneFacts('')).toEqual([]);
  expect(zoneFacts('FirewallD is not running\n')).toEqual([]);
});

test('rules of ufw for routed traffic, and no others', () => {
  const output = 'Added user rules (see `ufw status`):\nufw allow 22/tcp\nufw route allow in on br0 out on eth0\n';
  expect(ufwFacts(output)).toEqual([['ufw-route', 'allow in on br0 out on eth0', 'added']]);
  expect(ufwFacts('(None)\n')).toEqual([]);
});

const words = (text: string): readonly string[] => text.split(' ');

test('what they change is one setting, which is put back by them', () => {
  expect(describeCommand(words('firewall-cmd --zone=trusted --add-interface=br0'))).toMatchObject({
    fact: { facet: 'zone', key: 'br0' },
    after: 'trusted',
    scope: ['zone'],
  });
  expect(describeCommand(words('ufw route allow in on br0 out on eth0'))).toMatchObject({
    fact: { facet: 'ufw-route', key: 'allow in on br0 out on eth0' },
    scope: ['ufw-route'],
  });
  const back = (facet: 'zone' | 'ufw-route', key: string, current: string | null, wanted: string | null) =>
    restoreCommands({ netns: 'host', facet, key, current, wanted }).map((argv) => argv.join(' '));
  expect(back('zone', 'br0', 'trusted', null)).toEqual(['firewall-cmd --zone=trusted --remove-interface=br0']);
  expect(back('zone', 'br0', 'trusted', 'public')).toEqual(['firewall-cmd --zone=public --change-interface=br0']);
  expect(back('ufw-route', 'allow in on br0 out on eth0', 'added', null)).toEqual([
    'ufw route delete allow in on br0 out on eth0',
  ]);
});

test.each([
  'firewall-cmd --reload',
  'firewall-cmd --permanent --zone=trusted --add-interface=br0',
  'firewall-cmd --zone=trusted --add-interface=br0 --permanent',
  'firewall-cmd --zone=trusted --add-service=http',
  'ufw disable',
  'ufw allow 22/tcp',
  'ufw route allow in on br0',
])('%s is never run', (command) => {
  expect(describeCommand(words(command))).toBeNull();
});
