import { describe, expect, test } from 'vitest';
import { diagnose } from '../../src/engine/diagnose.js';
import type { Diagnosis } from '../../src/model/diagnosis.js';
import type { Evidence } from '../../src/model/evidence.js';
import { addRoute, type Edit, edited, iptables, sysctl } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const filter = (forward: string, ...rules: readonly string[]) =>
  ['*filter', ':INPUT ACCEPT [0:0]', `:FORWARD ${forward} [0:0]`, ':OUTPUT ACCEPT [0:0]', ...rules, 'COMMIT', ''].join(
    '\n',
  );

/** A second fault, further along the packet's way, as the state of the host shows it. */
const SECOND: Readonly<Record<string, Edit>> = {
  'host-ip-forward-off': (evidence) =>
    edited(
      evidence,
      ...['ip_forward', 'conf.all.forwarding', 'conf.br0.forwarding', 'conf.eth0.forwarding'].map((key) =>
        sysctl('host', `net.ipv4.${key}`, '0'),
      ),
    ),
  'nf-forward-policy-drop': iptables('host', filter('DROP')),
  'nf-forward-no-return-rule': iptables('host', filter('DROP', '[0:0] -A FORWARD -i br0 -j ACCEPT')),
  'host-if-forwarding-off': sysctl('host', 'net.ipv4.conf.eth0.forwarding', '0'),
  'ctr-fw-input-drop': iptables('target', '*filter\n:INPUT DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n'),
};

/** Faults at which the packets never come to where the second one waits. */
const FIRST = [
  'ctr-no-default-route',
  'ctr-route-unreachable',
  'ctr-policy-rule',
  'ctr-fw-output-drop',
  'veth-host-end-down',
  'br-down',
  'br-port-stp-blocking',
];

const ranked = ({ findings }: Diagnosis) => findings.map(({ rank, cause }) => `${rank} ${cause}`);

describe('of two faults the first on the way is the root, and the other is behind it', () => {
  test.each(FIRST.flatMap((first) => Object.keys(SECOND).map((second) => ({ first, second }))))(
    '$first, then $second',
    ({ first, second }) => {
      const alone = diagnose(recorded(first));
      const both = diagnose(edited(recorded(first), SECOND[second] as Edit));
      expect(ranked(both)).toEqual([...ranked(alone), `behind ${second}`]);
      expect(both.brokenLink).toEqual(alone.brokenLink);
      expect(both.confidence).toBe(alone.confidence);
      expect(both.findings.at(-1)?.confidence).toBe('possible');
      expect(both.findings.at(-1)?.remedies.length).toBeGreaterThan(0);
    },
  );

  test.each(
    ['host-no-default-route', 'host-route-blackhole', 'host-route-unreachable'].flatMap((first) =>
      ['nf-forward-no-return-rule', 'ctr-fw-input-drop'].map((second) => ({ first, second })),
    ),
  )(
    '$first, then $second: what a refused packet would meet is walked as if a route were there',
    ({ first, second }) => {
      const both = diagnose(edited(recorded(first), SECOND[second] as Edit));
      expect(ranked(both)).toEqual([`root ${first}`, `behind ${second}`]);
    },
  );

  test('a route that refuses the packets has no reverse-path check of the host behind it', () => {
    const strict = ['all', 'eth0'].map((device) => sysctl('host', `net.ipv4.conf.${device}.rp_filter`, '1'));
    for (const first of ['host-no-default-route', 'host-route-blackhole'])
      expect(ranked(diagnose(edited(recorded(first), ...strict)))).toEqual([`root ${first}`]);
  });

  test('what only the packets of the right source meet comes behind the wrong source', () => {
    const drop = iptables('host', filter('ACCEPT', '[0:0] -A FORWARD -s 192.168.0.0/24 -j DROP'));
    for (const [first, cause] of [
      ['ctr-src-not-in-masq', 'ctr-src-not-in-masq'],
      ['host-martian-own-source', 'host-martian-own-source'],
    ] as const)
      expect(ranked(diagnose(edited(recorded(first), drop)))).toEqual([`root ${cause}`, 'behind nf-rule-drop']);
  });

  test('a gateway that nobody has comes behind a device that asks for none', () => {
    const evidence = recorded('ctr-noarp');
    const wrong = JSON.parse(
      JSON.stringify(evidence, (key, value) =>
        key === 'gateway' && value === '192.168.0.1' ? '192.168.0.254' : value,
      ),
    ) as Evidence;
    expect(ranked(diagnose(evidence))).toEqual(['root ctr-noarp']);
    expect(ranked(diagnose(wrong))).toEqual(['root ctr-noarp', 'behind ctr-wrong-gateway']);
  });

  test('what the packets meet on the device of the right route comes behind a wrong one', () => {
    const drop = iptables(
      'host',
      ['*raw', ':PREROUTING ACCEPT [0:0]', '-A PREROUTING -i eth0 -j DROP', 'COMMIT', ''].join('\n'),
    );
    expect(ranked(diagnose(edited(recorded('host-default-route-via-veth'), drop)))).toEqual([
      'root host-default-route-via-veth',
      'behind nf-rule-drop',
    ]);
  });

  test("the host's own probe proves nothing about the outside where this host drops its answer", () => {
    const recording = recorded('ctr-src-not-in-masq');
    const silent: Edit = (evidence) => ({
      ...evidence,
      control: evidence.control && { ...evidence.control, answered: 0 },
    });
    const drop = iptables(
      'host',
      ['*raw', ':PREROUTING ACCEPT [0:0]', '-A PREROUTING -i eth0 -j DROP', 'COMMIT', ''].join('\n'),
    );
    expect(diagnose(edited(recording, silent)).cause).not.toBe('ctr-src-not-in-masq');
    expect(ranked(diagnose(edited(recording, silent, drop)))).toEqual([
      'root ctr-src-not-in-masq',
      'behind nf-rule-drop',
    ]);
  });

  test('three faults come in the order in which the packets would meet them', () => {
    const evidence = edited(
      recorded('br-down'),
      SECOND['ctr-fw-input-drop'] as Edit,
      SECOND['nf-forward-policy-drop'] as Edit,
      SECOND['host-ip-forward-off'] as Edit,
    );
    expect(ranked(diagnose(evidence))).toEqual([
      'root br-down',
      'behind host-ip-forward-off',
      'behind nf-forward-policy-drop',
      'behind ctr-fw-input-drop',
    ]);
  });
});

describe('what the packets passed is not blamed, whatever the state says', () => {
  const PASSED: Readonly<Record<string, Edit>> = {
    'a rule of OUTPUT in the container': iptables('target', '*filter\n:OUTPUT DROP [0:0]\nCOMMIT\n'),
    'a blackhole route in the container': addRoute('target', {
      type: 'blackhole',
      destination: '203.0.113.0/24',
      text: 'blackhole 203.0.113.0/24',
    }),
  };

  test.each(Object.keys(PASSED))('%s', (what) => {
    const evidence = edited(recorded('host-ip-forward-off'), PASSED[what] as Edit);
    expect(ranked(diagnose(evidence))).toEqual(['root host-ip-forward-off']);
  });

  test('a state that contradicts the captures, and nothing else, is inconclusive', () => {
    const { status, cause, doubts } = diagnose(
      edited(recorded('unexplained-drop'), PASSED['a rule of OUTPUT in the container'] as Edit),
    );
    expect({ status, cause }).toEqual({ status: 'inconclusive', cause: null });
    expect(doubts.join()).toContain('the captures do not agree');
  });
});
