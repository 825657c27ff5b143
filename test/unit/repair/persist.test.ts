import { expect, test } from 'vitest';
import type { RepairStep } from '../../../src/model/repair.js';
import type { HostFiles } from '../../../src/repair/persist/host-files.js';
import { persistenceOf } from '../../../src/repair/persist/persist.js';

const stepOf = (command: readonly string[], netns = 'host'): RepairStep => ({
  n: 1,
  cause: 'host-ip-forward-off',
  title: '',
  netns: netns as RepairStep['netns'],
  argv: command,
  inner: command,
  sign: '+',
  subject: command.join(' '),
  before: null,
  after: null,
  effects: [],
  risk: 'low',
  riskText: '',
  scope: [],
  tag: null,
});

const NONE: HostFiles = {
  sysctlFolder: false,
  sysctl: new Map(),
  rulesV4: null,
  rulesV6: null,
  nftables: null,
  network: null,
  texts: new Map(),
};

const RULES =
  '*nat\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n*filter\n:FORWARD DROP [0:0]\n-A FORWARD -i a\n-A FORWARD -i b\nCOMMIT\n';
const V4 = { ...NONE, rulesV4: '/r4', texts: new Map([['/r4', RULES]]) };
const NFT = 'table inet filter {\n  chain forward { type filter hook forward priority 0; }\n}';
const CONF = { ...NONE, nftables: '/n', texts: new Map([['/n', NFT]]) };

const after = (command: string, files: HostFiles): string | undefined =>
  persistenceOf([stepOf(command.split(' '))], files, 'r1').files[0]?.after;

const because = (command: string, files: HostFiles, netns?: string): string | undefined => {
  const { files: changed, untilRestart } = persistenceOf([stepOf(command.split(' '), netns)], files, 'r1');
  expect(changed).toEqual([]);
  return untilRestart[0]?.because;
};

test.each([
  ['iptables -I FORWARD -i c -j ACCEPT', '-A FORWARD -i c -j ACCEPT\n-A FORWARD -i a\n-A FORWARD -i b\n'],
  ['iptables -I FORWARD 1 -i c -j ACCEPT', '-A FORWARD -i c -j ACCEPT\n-A FORWARD -i a\n-A FORWARD -i b\n'],
  ['iptables -I FORWARD 2 -i c -j ACCEPT', '-A FORWARD -i a\n-A FORWARD -i c -j ACCEPT\n-A FORWARD -i b\n'],
  ['iptables -w -A FORWARD -i c -j ACCEPT', '-A FORWARD -i a\n-A FORWARD -i b\n-A FORWARD -i c -j ACCEPT\nCOMMIT\n'],
  [
    'iptables -t nat -A POSTROUTING -j MASQUERADE',
    ':POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n*f',
  ],
  ['iptables -I DOCKER-USER -i c -j ACCEPT', '*filter\n:DOCKER-USER - [0:0]\n:FORWARD DROP [0:0]\n'],
])('%s goes where it stands in the chain', (command, part) => {
  expect(after(command, V4)).toContain(part);
});

test('a word with blanks or quotes is one word for iptables-restore', () => {
  const step = stepOf(['iptables', '-A', 'FORWARD', '-m', 'comment', '--comment', 'a "b"', '-j', 'ACCEPT']);
  expect(persistenceOf([step], V4, 'r1').files[0]?.added).toEqual([
    '-A FORWARD -m comment --comment "a \\"b\\"" -j ACCEPT',
  ]);
});

test('an nft rule comes after the table that it needs', () => {
  expect(after('nft insert rule inet filter forward iifname c accept', CONF)).toBe(
    `${NFT}\ninsert rule inet filter forward iifname c accept\n`,
  );
});

test('several settings go to one file of ours, which nobody had before', () => {
  const steps = ['net.a=1', 'net.b=2'].map((setting) => stepOf(['sysctl', '-w', setting]));
  expect(persistenceOf(steps, { ...NONE, sysctlFolder: true }, 'r1')).toEqual({
    files: [
      {
        path: '/etc/sysctl.d/99-vethoscope-r1.conf',
        before: null,
        after: 'net.a = 1\nnet.b = 2\n',
        added: ['net.a = 1', 'net.b = 2'],
      },
    ],
    untilRestart: [],
  });
});

test.each([
  ['sysctl -w net.a=1', NONE, 'no /etc/sysctl.d'],
  ['iptables -I FORWARD -j ACCEPT', NONE, 'stores no iptables rules'],
  ['ip6tables -I FORWARD -j ACCEPT', V4, 'stores no ip6tables rules'],
  ['iptables-legacy -I FORWARD -j ACCEPT', V4, 'not the back-end'],
  ['iptables -I KUBE-FORWARD -j ACCEPT', V4, '/r4: it has no chain KUBE-FORWARD'],
  ['iptables -t raw -A PREROUTING -j ACCEPT', V4, '/r4: it has no table raw'],
  ['nft insert rule inet filter forward accept', NONE, 'nftables.service is not enabled'],
  ['nft insert rule inet filter input accept', CONF, '/n: it does not define the chain inet filter input'],
  ['nft insert rule inet filter forward position 7 accept', CONF, 'handle'],
  ['ip link set br0 up', { ...NONE, network: '/etc/network/interfaces' }, 'to be set in /etc/network/interfaces'],
] as const)('%s is not kept, and why is said', (command, files, words) => {
  expect(because(command, files)).toContain(words);
});

test('what is in the container is its owner’s to keep', () => {
  expect(because('sysctl -w net.a=1', { ...NONE, sysctlFolder: true }, 'target')).toContain('makes anew');
});

test.each([
  ['/etc/sysctl.d/99-zz.conf', 'net/ipv4/conf/eth0.1/forwarding = 0', true],
  ['/etc/sysctl.conf', '-net.ipv4.conf.eth0/1.forwarding=0', true],
  ['/etc/sysctl.d/99-zz.conf', 'net.ipv4.conf.eth0/1.forwarding = 1', false],
  ['/etc/sysctl.d/99-zz.conf', '# net.ipv4.conf.eth0/1.forwarding = 0', false],
  ['/etc/sysctl.d/10-a.conf', 'net.ipv4.conf.eth0/1.forwarding = 0', false],
])('%s with %s stands in the way: %s', (path, text, stands) => {
  const files = { ...NONE, sysctlFolder: true, sysctl: new Map([[path, text]]) };
  const step = stepOf(['sysctl', '-w', 'net.ipv4.conf.eth0/1.forwarding=1']);
  expect(persistenceOf([step], files, 'r1').untilRestart).toHaveLength(stands ? 1 : 0);
});
