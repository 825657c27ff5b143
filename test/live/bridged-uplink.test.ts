import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quoted } from '../../src/lab/topology.js';
import { openLab, type TestLab } from '../helpers/lab.js';
import { brokenRoles, runOf } from '../helpers/trace.js';

interface Broken {
  readonly make: readonly string[];
  readonly undo: readonly string[];
  readonly cause: string;
  readonly roles: string;
  readonly way: 'forward' | 'return';
}

const netdev = (hook: string, rule: string): Pick<Broken, 'make' | 'undo'> => ({
  make: [
    'nft add table netdev frames',
    `nft add chain netdev frames one '{ type filter hook ${hook} device eth0 priority 0; }'`,
    `nft add rule netdev frames one ${rule}`,
  ],
  undo: ['nft delete table netdev frames'],
});

const bridge = (hook: string, rule: string): Pick<Broken, 'make' | 'undo'> => ({
  make: [
    'nft add table bridge frames',
    `nft add chain bridge frames one '{ type filter hook ${hook} priority 0; }'`,
    `nft add rule bridge frames one ${rule}`,
  ],
  undo: ['nft delete table bridge frames'],
});

const rule = (tool: string, text: string): Pick<Broken, 'make' | 'undo'> => ({
  make: [`${tool} -A ${text}`],
  undo: [`${tool} -D ${text}`],
});

const OUTWARD = { roles: 'uplink–lower', way: 'forward' } as const;
const INWARD = { roles: 'uplink–lower', way: 'return' } as const;
const WAITING = { roles: 'bridge–uplink', way: 'forward' } as const;

/** What loses packets between the bridge that is the host's uplink and its NIC. */
const BROKEN: Readonly<Record<string, Broken>> = {
  'a chain at the egress of the NIC': {
    ...netdev('egress', 'ip daddr 203.0.113.5 counter drop'),
    ...OUTWARD,
    cause: 'nf-netdev-ingress-drop',
  },
  'a chain at the ingress of the NIC': {
    ...netdev('ingress', 'ip saddr 203.0.113.5 counter drop'),
    ...INWARD,
    cause: 'nf-netdev-ingress-drop',
  },
  'ebtables OUTPUT': { ...rule('ebtables', 'OUTPUT -o eth0 -p IPv4 -j DROP'), ...OUTWARD, cause: 'br-ebtables-drop' },
  'ebtables INPUT': {
    ...rule('ebtables', 'INPUT -i eth0 -p IPv4 -j DROP'),
    ...INWARD,
    cause: 'br-ebtables-input-drop',
  },
  'ebtables INPUT, by the MAC address that the answer came from': {
    ...rule('ebtables', 'INPUT -i eth0 -s ! 02:00:00:00:00:01 -p IPv4 -j DROP'),
    ...INWARD,
    cause: 'br-nft-mac-antispoof',
  },
  'a bridge chain at PREROUTING': {
    ...bridge('prerouting', 'iifname eth0 ip saddr 203.0.113.5 counter drop'),
    ...INWARD,
    cause: 'br-ebtables-drop',
  },
  'a bridge chain at POSTROUTING': {
    ...bridge('postrouting', 'oifname eth0 ip daddr 203.0.113.5 counter drop'),
    ...OUTWARD,
    cause: 'br-ebtables-drop',
  },
  'raw PREROUTING, asked by br_netfilter, by the port': {
    make: [
      'sysctl -qw net.bridge.bridge-nf-call-iptables=1',
      'iptables -t raw -A PREROUTING -m physdev --physdev-in eth0 -s 203.0.113.5 -j DROP',
    ],
    undo: ['iptables -t raw -F PREROUTING', 'sysctl -qw net.bridge.bridge-nf-call-iptables=0'],
    ...INWARD,
    cause: 'nf-physdev-antispoof',
  },
  'raw PREROUTING, asked by br_netfilter before the bridge of the container': {
    make: [
      'sysctl -qw net.bridge.bridge-nf-call-iptables=1',
      'iptables -t raw -A PREROUTING -i br0 -d 203.0.113.5 -j DROP',
    ],
    undo: ['iptables -t raw -F PREROUTING', 'sysctl -qw net.bridge.bridge-nf-call-iptables=0'],
    roles: 'veth-host–bridge',
    way: 'forward',
    cause: 'nf-rule-drop',
  },
  'ebtables INPUT, the answer to ARP alone': {
    make: ['ip neigh flush dev vmbr0', 'ebtables -A INPUT -i eth0 -p ARP -j DROP'],
    undo: ['ebtables -F INPUT'],
    ...WAITING,
    cause: 'br-ebtables-arp-drop',
  },
  'notrack of a bridge chain, which spares the packets the translation': {
    make: [
      'nft add table bridge frames',
      "nft add chain bridge frames one '{ type filter hook prerouting priority -300; }'",
      'nft add rule bridge frames one iifname veth1_p ip daddr 203.0.113.5 counter notrack',
    ],
    undo: ['nft delete table bridge frames'],
    roles: 'lower–outside',
    way: 'return',
    cause: 'nf-raw-notrack',
  },
  'a filter of tc': {
    make: [
      'tc qdisc add dev eth0 clsact',
      `tc filter add dev eth0 egress protocol ip pref 5 bpf da bytecode '1,6 0 0 2'`,
    ],
    undo: ['tc qdisc del dev eth0 clsact'],
    ...OUTWARD,
    cause: 'tc-drop',
  },
  'a port that does not forward': {
    make: ['bridge link set dev eth0 state 0'],
    undo: ['bridge link set dev eth0 state 3'],
    ...WAITING,
    cause: 'br-port-stp',
  },
  'a NIC that is down': {
    make: ['ip link set eth0 down'],
    undo: ['ip link set eth0 up'],
    ...WAITING,
    cause: 'nic-down',
  },
};

describe('a host whose uplink is a bridge', () => {
  let lab: TestLab;

  beforeAll(async () => {
    lab = await openLab('bridged-uplink');
  });
  afterAll(() => lab.close());

  const trace = (...options: readonly string[]) => lab.trace(['net1', lab.topology.destination, ...options]);
  const inbound = () => lab.trace(['net1', 'tcp://198.51.100.10:8088', '--inbound', '--simulate', 'netns:outside']);

  test('the bridge and its NIC are both hops, on both ways', async () => {
    const { diagnosis, findings, path } = runOf(await trace());
    expect([diagnosis.status, findings]).toEqual(['ok', []]);
    const seen = path.hops.filter(({ captured }) => captured);
    expect(seen.map(({ role, ifname }) => `${role} ${ifname}`)).toEqual([
      'container eth0',
      'veth-host veth1_p',
      'bridge br0',
      'uplink vmbr0',
      'lower eth0',
    ]);
    for (const { forward, return: back } of seen) expect([forward.seen, back.seen]).toEqual([3, 3]);
  });

  test.each(Object.entries(BROKEN))('%s is named, and what is printed mends it', async (_, broken) => {
    await lab.run(broken.make);
    try {
      const run = runOf(await trace());
      const [root, ...behind] = run.findings;
      expect(run.diagnosis).toMatchObject({ status: 'fault', cause: broken.cause, direction: broken.way });
      expect([brokenRoles(run), behind]).toEqual([broken.roles, []]);
      const commands = root?.remedies[0]?.commands ?? [];
      expect(commands).not.toEqual([]);
      await lab.run(commands.map((argv) => argv.map(quoted).join(' ')));
      try {
        expect(runOf(await trace()).diagnosis).toMatchObject({ status: 'ok' });
      } finally {
        await lab.run((root?.remedies[0]?.undo ?? []).map((argv) => argv.map(quoted).join(' ')));
      }
    } finally {
      await lab.run(broken.undo);
    }
  });

  test('a client outside comes in by the NIC and the bridge', async () => {
    const { diagnosis, path } = runOf(await inbound());
    expect(diagnosis).toMatchObject({ status: 'ok' });
    expect(path.hops.map(({ role, ifname }) => `${role} ${ifname ?? ''}`.trim())).toEqual([
      'outside',
      'veth-host eth0',
      'bridge vmbr0',
      'bridge br0',
      'veth-host veth1_p',
      'container eth0',
      'service',
    ]);
  });

  test('clients that are waited for are seen at the NIC and at the bridge', async () => {
    const client = 'for i in 1 2 3 4 5 6; do sleep 1; exec 3<>/dev/tcp/198.51.100.10/8088; done';
    const [result] = await Promise.all([
      lab.trace(['net1', 'tcp://198.51.100.10:8088', '--inbound']),
      lab.run([`ip netns exec outside bash -c ${quoted(client)}`]),
    ]);
    const { diagnosis, path } = runOf(result);
    expect(diagnosis).toMatchObject({ status: 'ok' });
    const [, nic, bridge] = path.hops;
    expect([nic, bridge].map((hop) => `${hop?.role} ${hop?.ifname}`)).toEqual(['uplink eth0', 'bridge vmbr0']);
    for (const hop of [nic, bridge]) expect(hop?.forward.seen).toBeGreaterThan(0);
  });

  test.each([
    ['the request', 'INPUT -i eth0 -p IPv4 --ip-proto tcp -j DROP', 'forward', 'br-ebtables-input-drop'],
    ['the answer', 'OUTPUT -o eth0 -p IPv4 --ip-proto tcp -j DROP', 'return', 'br-ebtables-drop'],
  ])('ebtables that drops %s of a client outside is named', async (_, text, way, cause) => {
    await lab.run([`ebtables -A ${text}`]);
    try {
      const run = runOf(await inbound());
      expect(run.diagnosis).toMatchObject({ status: 'fault', cause, direction: way });
      expect(brokenRoles(run)).toBe('veth-host–bridge');
    } finally {
      await lab.run([`ebtables -D ${text}`]);
    }
  });
});
