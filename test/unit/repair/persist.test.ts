import { expect, test } from 'vitest';
import { parse } from 'yaml';
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
  netplan: new Map(),
  networkd: new Map(),
  ifupdown: new Map(),
  dropInFolders: new Set(),
  texts: new Map(),
};

const RULES =
  '*nat\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n*filter\n:FORWARD DROP [0:0]\n-A FORWARD -i a\n-A FORWARD -i b\nCOMMIT\n';
const V4 = { ...NONE, rulesV4: '/r4', texts: new Map([['/r4', RULES]]) };
const NFT = 'table inet filter {\n  chain forward { type filter hook forward priority 0; }\n}';
const CONF = { ...NONE, nftables: '/n', texts: new Map([['/n', NFT]]) };

const INTERFACES =
  '# own\nauto lo\niface lo inet loopback\n\niface br0 inet static\n    address 10.0.0.1/24\n    # end\n\nauto eth0\niface eth0 inet dhcp\n';
const NETPLAN = `network:
  version: 2
  ethernets:
    uplink:
      match: {name: "en*"}
    v0: {}
  bridges:
    br0: {addresses: [10.0.0.1/24]}
`;
const withTexts = (manager: 'netplan' | 'networkd' | 'ifupdown', path: string, text: string): HostFiles => {
  const texts = new Map([[path, text]]);
  return { ...NONE, [manager]: texts, texts };
};
const networkd = (text: string): HostFiles => withTexts('networkd', '/etc/systemd/network/10-br0.network', text);
const PLAN = withTexts('netplan', '/etc/netplan/01.yaml', NETPLAN);
const IFUPDOWN = withTexts('ifupdown', '/etc/network/interfaces', INTERFACES);
const NETWORKD = networkd('[Match]\nName=br0 br1\n[Network]\nDHCP=no\n');
const ALL_THREE = { ...PLAN, networkd: NETWORKD.networkd, ifupdown: IFUPDOWN.ifupdown };

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
    kept: [],
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
  ['ip link set br0 up', NONE, 'neither netplan, systemd-networkd nor ifupdown'],
  ['ip link set br9 up', ALL_THREE, 'no settings of netplan or systemd-networkd or ifupdown define br9'],
  ['ip addr del 192.0.2.1/24 dev br0', ALL_THREE, 'take it out there'],
  ['ip route del unreachable 192.0.2.0/24', ALL_THREE, 'take it out there'],
  ['ip route add blackhole 192.0.2.0/24', ALL_THREE, 'belongs to no device'],
  ['ip route add 192.0.2.0/24 via 198.51.100.1 dev br0 mtu 1400', ALL_THREE, 'has words'],
  ['ip neigh del 192.0.2.1 dev br0', ALL_THREE, 'take it out there'],
  ['ip rule add to 192.0.2.0/24 lookup 7', ALL_THREE, 'its words have none'],
  [
    'bridge fdb del 02:00:00:00:00:01 dev v0 master',
    ALL_THREE,
    'no network settings of a host hold what bridge changes',
  ],
  ['ip link set v0 master br7', PLAN, 'but no file of netplan its bridge'],
  ['ip link set br0 up', networkd('[Match]\nName=br*\n[Link]\nActivationPolicy=manual\n'), 'leaves br0 as it is'],
  ['ip link set br0 up', networkd('[Match]\nMACAddress=02:00:00:00:00:01\n'), 'does not tell by name'],
  ['ip link set br0 up', networkd('[Match]\nName=!br0 !br1\n'), 'no settings of systemd-networkd define br0'],
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

test.each([
  ['ip addr add 192.0.2.1/24 dev br0', '[Address]\nAddress=192.0.2.1/24\n'],
  [
    'ip route add 203.0.113.0/24 via 192.0.2.9 dev br1 metric 5 src 192.0.2.1 onlink',
    '[Route]\nDestination=203.0.113.0/24\nGateway=192.0.2.9\nGatewayOnLink=yes\nPreferredSource=192.0.2.1\nMetric=5\n',
  ],
  ['ip -4 route add default via 192.0.2.9 dev br0 proto static', '[Route]\nGateway=192.0.2.9\n'],
  [
    'ip route add 203.0.113.0/24 dev br0 table 7 scope link',
    '[Route]\nDestination=203.0.113.0/24\nTable=7\nScope=link\n',
  ],
  ['ip link set br0 mtu 1400', '[Link]\nMTUBytes=1400\n'],
  ['ip link set br1 master br0', '[Network]\nBridge=br0\n'],
])('systemd-networkd: %s', (command, text) => {
  const { files } = persistenceOf([stepOf(command.split(' '))], NETWORKD, 'r1');
  expect(files).toMatchObject([
    {
      path: '/etc/systemd/network/10-br0.network.d/99-vethoscope-r1.conf',
      before: null,
      after: text,
      makesFolder: true,
    },
  ]);
});

test('a folder for drop-ins that is there already is not taken away again', () => {
  const files = { ...NETWORKD, dropInFolders: new Set(['/etc/systemd/network/10-br0.network.d']) };
  const [change] = persistenceOf([stepOf('ip addr add 192.0.2.1/24 dev br0'.split(' '))], files, 'r1').files;
  expect(change).not.toHaveProperty('makesFolder');
});

test('systemd-networkd: the first file that matches, by its name and not its folder', () => {
  const texts = new Map([
    ['/etc/systemd/network/20-any.network', '[Match]\nName=*\n'],
    ['/usr/lib/systemd/network/10-br.network', '[Match]\nName=br?\n'],
  ]);
  expect(
    persistenceOf([stepOf('ip addr add 192.0.2.1/24 dev br0'.split(' '))], { ...NONE, networkd: texts, texts }, 'r1')
      .files[0]?.path,
  ).toBe('/etc/systemd/network/10-br.network.d/99-vethoscope-r1.conf');
});

test.each([
  ['ip addr add 192.0.2.1/24 dev br0', { bridges: { br0: { addresses: ['192.0.2.1/24'] } } }],
  [
    'ip route add 203.0.113.0/24 via 192.0.2.9 dev enp3s0 metric 5 src 192.0.2.1 table 7 onlink',
    {
      ethernets: {
        uplink: {
          routes: [{ to: '203.0.113.0/24', via: '192.0.2.9', metric: 5, from: '192.0.2.1', table: 7, 'on-link': true }],
        },
      },
    },
  ],
  ['ip route add 203.0.113.0/24 dev br0', { bridges: { br0: { routes: [{ to: '203.0.113.0/24', scope: 'link' }] } } }],
  ['ip link set enp3s0 mtu 1400', { ethernets: { uplink: { mtu: 1400 } } }],
  ['ip link set v0 master br0', { bridges: { br0: { interfaces: ['v0'] } } }],
])('netplan: %s', (command, network) => {
  const { files } = persistenceOf([stepOf(command.split(' '))], PLAN, 'r1');
  expect(files).toMatchObject([{ path: '/etc/netplan/99-vethoscope-r1.yaml', before: null, mode: 0o600 }]);
  expect(parse(files[0]?.after ?? '')).toEqual({ network: { version: 2, ...network } });
});

test('netplan: several settings of one device are one list', () => {
  const steps = ['192.0.2.1/24', '192.0.2.2/24'].map((address) => stepOf(['ip', 'addr', 'add', address, 'dev', 'br0']));
  const { files } = persistenceOf([...steps, stepOf(['ip', 'link', 'set', 'v0', 'mtu', '1400'])], PLAN, 'r1');
  expect(parse(files[0]?.after ?? '')).toEqual({
    network: {
      version: 2,
      bridges: { br0: { addresses: ['192.0.2.1/24', '192.0.2.2/24'] } },
      ethernets: { v0: { mtu: 1400 } },
    },
  });
});

test('ifupdown: the command stands at the end of the stanza, what brings the device up before it', () => {
  const change = (command: string): string => after(command, IFUPDOWN) ?? '';
  expect(change('ip addr add 192.0.2.1/24 dev br0')).toBe(
    INTERFACES.replace('10.0.0.1/24\n', '10.0.0.1/24\n    up ip addr add 192.0.2.1/24 dev br0\n'),
  );
  expect(change('ip route add 203.0.113.0/24 via 192.0.2.9 dev eth0')).toBe(
    `${INTERFACES.slice(0, -1)}\n    up ip route add 203.0.113.0/24 via 192.0.2.9 dev eth0\n`,
  );
  expect(change('ip link set br0 up')).toBe(INTERFACES.replace('iface br0', 'auto br0\niface br0'));
});

test('ifupdown: what its shell would read is quoted', () => {
  const files = withTexts('ifupdown', '/etc/network/interfaces', 'iface a;b inet manual\n');
  const step = stepOf(['ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'a;b']);
  expect(persistenceOf([step], files, 'r1').files[0]?.added).toEqual(["up ip addr add 192.0.2.1/24 dev 'a;b'"]);
});

test.each([
  ['eth0', IFUPDOWN, 'ifupdown sets eth0 up'],
  ['br0', PLAN, 'netplan sets br0 up'],
  ['br0', NETWORKD, 'systemd-networkd sets br0 up'],
] as const)('%s is set up at boot already: nothing is written', (device, files, words) => {
  const persistence = persistenceOf([stepOf(['ip', 'link', 'set', device, 'up'])], files, 'r1');
  expect(persistence).toMatchObject({ files: [], untilRestart: [] });
  expect(persistence.kept[0]?.because).toContain(words);
});
