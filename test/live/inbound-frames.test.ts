import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLab, type TestLab } from '../helpers/lab.js';
import { brokenRoles, runOf } from '../helpers/trace.js';

const PORT = 'veth1_p';

const bridgeChain = (hook: string, priority: number, rule: string): readonly string[] => [
  'nft add table bridge frames',
  `nft add chain bridge frames one '{ type filter hook ${hook} priority ${priority}; }'`,
  `nft add rule bridge frames one ${rule}`,
];

const deviceChain = (hook: string, device: string, rule: string): readonly string[] => [
  'nft add table netdev frames',
  `nft add chain netdev frames one '{ type filter hook ${hook} device ${device} priority 0; }'`,
  `nft add rule netdev frames one ${rule}`,
];

/** Rules on the way of a client's packet to a published port, and back, that no table of iptables shows. */
const BROKEN: Readonly<
  Record<
    string,
    { readonly make: readonly string[]; readonly cause: string; readonly roles: string; readonly way: string }
  >
> = {
  'ebtables drops what the host sends out by the port': {
    make: [`ebtables -A OUTPUT -p IPv4 -o ${PORT} --ip-proto tcp --ip-dport 80 -j DROP`],
    cause: 'br-ebtables-drop',
    roles: 'bridge–veth-host',
    way: 'forward',
  },
  'nft drops the request after that, at POSTROUTING of the bridge': {
    make: bridgeChain('postrouting', 10, 'ip protocol tcp tcp dport 80 counter drop'),
    cause: 'br-ebtables-drop',
    roles: 'bridge–veth-host',
    way: 'forward',
  },
  'ebtables drops the answer that the port gives to the host': {
    make: [`ebtables -A INPUT -p IPv4 -i ${PORT} --ip-proto tcp --ip-sport 80 -j DROP`],
    cause: 'br-ebtables-input-drop',
    roles: 'bridge–veth-host',
    way: 'return',
  },
  'a chain of the bridge after br_netfilter drops the answer': {
    make: bridgeChain('prerouting', 10, 'ip protocol tcp tcp sport 80 counter drop'),
    cause: 'br-ebtables-drop',
    roles: 'bridge–veth-host',
    way: 'return',
  },
  'the ingress of the uplink drops the request': {
    make: deviceChain('ingress', 'eth0', 'ip protocol tcp tcp dport 8080 counter drop'),
    cause: 'nf-netdev-ingress-drop',
    roles: 'uplink–bridge',
    way: 'forward',
  },
  'FORWARD drops the mark that a bridge gave the answer': {
    make: [
      ...bridgeChain('prerouting', -150, 'ip protocol tcp tcp sport 80 counter meta mark set 0x77'),
      'iptables -I FORWARD -m mark --mark 0x77 -j DROP',
    ],
    cause: 'nf-rule-drop',
    roles: 'uplink–bridge',
    way: 'return',
  },
  'the egress of the port drops the mark that the host gave the request': {
    make: [
      'iptables -t mangle -A FORWARD -p tcp --dport 80 -j MARK --set-mark 0x78',
      ...deviceChain('egress', PORT, 'meta mark 0x78 counter drop'),
    ],
    cause: 'nf-netdev-ingress-drop',
    roles: 'bridge–veth-host',
    way: 'forward',
  },
};

const UNDO = [
  'ebtables -F',
  'nft delete table bridge frames 2>/dev/null || true',
  'nft delete table netdev frames 2>/dev/null || true',
  'iptables -t mangle -F',
  'iptables -D FORWARD -m mark --mark 0x77 -j DROP 2>/dev/null || true',
];

describe.skipIf(process.getuid?.() !== 0)('a published port behind rules for frames', () => {
  let lab: TestLab;

  beforeAll(async () => {
    lab = await openLab('published');
  });

  afterAll(() => lab.close());

  test.each(Object.entries(BROKEN))('%s', async (_, { make, cause, roles, way }) => {
    await lab.run(make);
    try {
      const run = runOf(
        await lab.trace(['net1', 'tcp://198.51.100.10:8080', '--inbound', '--simulate', 'netns:outside']),
      );
      expect(run.diagnosis).toMatchObject({ status: 'fault', cause, direction: way });
      expect([brokenRoles(run), run.diagnosis.title]).toEqual([roles, run.diagnosis.title]);
    } finally {
      await lab.run(UNDO);
    }
  });

  test('and without them it is reached', async () => {
    const result = await lab.trace(['net1', 'tcp://198.51.100.10:8080', '--inbound', '--simulate', 'netns:outside']);
    expect(runOf(result).diagnosis).toMatchObject({ status: 'ok', cause: null });
  });
});
