import { describe, expect, test } from 'vitest';
import { captureFilter, tokenOffset } from '../../../src/capture/filter.js';
import { planCaptures } from '../../../src/capture/plan.js';
import { mapsNobody } from '../../../src/host/identity.js';
import { FLOW, HOPS, hop, pathOf } from '../helpers/textbook-path.js';

const NETNS = [
  { id: 'host', name: 'host', path: '/proc/self/ns/net', inode: 1 },
  { id: 'target', name: 'net1', path: '/run/netns/net1', inode: 2 },
];
const TOKEN = { icmp: 'deadbeef' };
const OPTIONS = { addresses: [], ports: [], neighbours: [], size: 56 };

describe('planCaptures', () => {
  test('plans each captured hop, with nsenter only where the namespace is not ours', () => {
    const plans = planCaptures(pathOf(), FLOW, NETNS, TOKEN, { asNobody: true });
    expect(plans.map(({ hop: id, ifname, netns }) => [id, ifname, netns])).toEqual([
      ['h1', 'eth0', 'target'],
      ['h2', 'veth1_p', 'host'],
      ['h3', 'br0', 'host'],
      ['h4', 'eth0', 'host'],
    ]);
    expect(plans[0]?.argv.slice(0, 4)).toEqual(['nsenter', '--net=/run/netns/net1', '--', 'setpriv']);
    expect(plans[1]?.argv[0]).toBe('setpriv');
  });

  test('gives tcpdump CAP_NET_RAW alone, and an end that comes with ours', () => {
    const [, plan] = planCaptures(pathOf(), FLOW, NETNS, TOKEN, { asNobody: true, maxSeconds: 17 });
    expect(plan?.argv.join(' ')).toBe(
      'setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all,+net_raw --ambient-caps=+net_raw ' +
        '--bounding-set=-all,+net_raw --no-new-privs --pdeathsig TERM tcpdump -p --immediate-mode -U ' +
        `-nn -s 256 --time-stamp-precision=nano -i veth1_p -w - ${plan?.filter}`,
    );
  });

  test('leaves the identity alone where it cannot be changed, and gives it an end of its own', () => {
    const [plan] = planCaptures(pathOf(), FLOW, NETNS, TOKEN, { asNobody: false, maxSeconds: 17 });
    expect(plan?.argv.join(' ')).toContain('--pdeathsig TERM timeout -k 1 17 tcpdump -p');
    expect(plan?.argv).not.toContain('--reuid=65534');
    expect(plan?.argv).not.toContain('--clear-groups');
    expect(plan?.argv).toContain('--no-new-privs');
  });

  test('passes an odd interface name as one argument', () => {
    const odd = '-w$(x) "y';
    const [plan] = planCaptures(pathOf([hop('h0', 'uplink', odd)]), FLOW, NETNS, TOKEN, { asNobody: true });
    expect(plan?.argv[plan.argv.indexOf('-i') + 1]).toBe(odd);
  });

  test('skips hops that are not captured and namespaces that are not known', () => {
    const hops = [
      ...HOPS.slice(0, 2),
      { ...hop('h2', 'uplink', 'eth0'), captured: false },
      hop('h3', 'peer', 'eth0', 'ns9'),
    ];
    const plans = planCaptures(pathOf(hops), FLOW, NETNS, TOKEN, { asNobody: true });
    expect(plans.map((plan) => plan.hop)).toEqual(['h1']);
  });
});

test('below a VXLAN tunnel the flow is looked for inside of its packets as well', () => {
  const hops = [
    ...HOPS.slice(0, 4),
    hop('h4', 'tunnel', 'vx0'),
    { ...hop('h5', 'uplink', 'eth0'), inside: { kind: 'vxlan', port: 8472, outerFamily: 4 } as const },
  ];
  const [above, below] = planCaptures(pathOf(hops), FLOW, NETNS, TOKEN, { asNobody: true }).slice(-2);
  expect(above?.vxlanPort).toBeUndefined();
  expect(below?.vxlanPort).toBe(8472);
  expect(below?.filter).toContain(`(${above?.filter}) or (udp dst port 8472 and (`);
  expect(below?.filter).toContain('(udp[28:2]=0x0800 and udp[39:1]=1 and udp[74:4]=0xdeadbeef)');
  expect(below?.filter).toContain('udp[28:2]=0x0806');
});

describe('captureFilter', () => {
  test('names the token, the ICMP errors that quote the flow, and ARP for the neighbours', () => {
    const filter = captureFilter(FLOW, 'deadbeef', { ...OPTIONS, neighbours: ['192.168.0.1', '2001:db8::1'] });
    expect(filter).toBe(
      '((icmp[0]=8 or icmp[0]=0) and icmp[24:4]=0xdeadbeef) or ' +
        '((icmp[0]=3 or icmp[0]=4 or icmp[0]=5 or icmp[0]=11 or icmp[0]=12) and ' +
        '(icmp[24:4]=0xcb007105 or icmp[20:4]=0xcb007105 or icmp[24:4]=0xc0a80002 or icmp[20:4]=0xc0a80002)) or ' +
        '(arp host 192.168.0.1)',
    );
  });

  test('falls back to addresses where the payload has no room for a token', () => {
    expect([0, 3, 4, 15, 16, 19, 20, 56].map(tokenOffset)).toEqual([null, null, 8, 8, null, null, 24, 24]);
    const filter = captureFilter(FLOW, 'deadbeef', { ...OPTIONS, size: 17 });
    expect(filter).toContain('(icmp[0]=8 or icmp[0]=0) and (host 203.0.113.5 or host 192.168.0.2)');
  });

  test('selects TCP by ports and addresses before and after NAT', () => {
    const flow = { ...FLOW, protocol: 'tcp', port: 8088 } as const;
    const filter = captureFilter(flow, 'deadbeef', { ...OPTIONS, ports: [80, 8088], addresses: ['198.51.100.10'] });
    expect(filter).toContain(
      '(tcp and (port 8088 or port 80) and (host 203.0.113.5 or host 192.168.0.2 or host 198.51.100.10))',
    );
  });

  test('lets answers of UDP pass from whichever port of the destination, where that is asked for', () => {
    const flow = { ...FLOW, protocol: 'udp', port: 69 } as const;
    expect(captureFilter(flow, 'deadbeef', { ...OPTIONS, anyPort: true })).toContain(
      '((udp and port 69 and (host 203.0.113.5 or host 192.168.0.2)) or (udp and src host 203.0.113.5))',
    );
  });

  test('lets no text of an address through that is none', () => {
    const filter = captureFilter(FLOW, 'deadbeef', {
      ...OPTIONS,
      neighbours: ['x or tcp', ''],
      addresses: ['1) or (tcp'],
    });
    expect(filter).not.toContain('tcp');
  });

  test('takes a link-local neighbour without its zone', () => {
    const flow = { ...FLOW, family: 6, source: '2001:db8::2', destination: '2001:db8:1::5' } as const;
    const filter = captureFilter(flow, 'deadbeef', { ...OPTIONS, neighbours: ['fe80::1%eth0'] });
    expect(filter).toContain(
      '(ip6[48:4]=0xfe800000 and ip6[52:4]=0x00000000 and ip6[56:4]=0x00000000 and ip6[60:4]=0x00000001)',
    );
  });
});

describe('mapsNobody', () => {
  test.each([
    ['         0          0 4294967295\n', true],
    ['0 1000 1\n1 100000 65536\n', true],
    ['         0       1000          1\n', false],
    ['1000 1000 1\n', false],
    ['', false],
  ])('%j: %s', (map, expected) => {
    expect(mapsNobody(map)).toBe(expected);
  });
});
