import { beforeAll, describe, expect, test } from 'vitest';
import { ALL, type ExpectedRun, isRootWith, runScripted, saidBy, type Traced } from './helpers/scripted-host.js';

const hasFirewalld = await isRootWith(['firewalld', '--help'], ['dbus-daemon', '--version']);
const hasUfw = await isRootWith(['ufw', '--version']);

/** A container net1 on br0, masqueraded, and a service outside at port 80. */
const NETWORK = `
ip netns add net1
ip link add br0 type bridge; ip address add 192.168.0.1/24 dev br0; ip link set br0 up
ip link add veth1_p type veth peer name eth0 netns net1; ip link set veth1_p master br0 up
ip -n net1 link set lo up; ip -n net1 address add 192.168.0.2/24 dev eth0; ip -n net1 link set eth0 up
ip -n net1 route add default via 192.168.0.1
sysctl -qw net.ipv4.ip_forward=1
masquerade() { iptables -t nat -A POSTROUTING -s 192.168.0.0/24 ! -o br0 -j MASQUERADE; }
masquerade
ip netns exec out busybox httpd -p 80
fix() { traced "$1" $WORDS fix net1 tcp://203.0.113.5:80 --apply --timeout 120s; }
undo() { traced "$1" $WORDS undo --last; }
`;

const FIREWALLD = `${NETWORK}
dbus-daemon --system --fork --nopidfile
firewalld --nofork --nopid >$LAB/firewalld.log 2>&1 &
until firewall-cmd --state >/dev/null 2>&1 && nft list chain inet firewalld filter_FORWARD 2>/dev/null | grep -q reject; do sleep 0.1; done
masquerade
trace rejected net1 203.0.113.5
`;

/** firewalld makes the chains of a zone when it is first used, and keeps them. */
const FIREWALLD_REST = `
firewall-cmd --zone=trusted --add-interface=br0 >/dev/null
firewall-cmd --zone=trusted --remove-interface=br0 >/dev/null
nft -s list ruleset >$LAB/before
fix fixed
traced zone firewall-cmd --get-zone-of-interface=br0
undo undone
nft -s list ruleset >$LAB/after
traced same diff $LAB/before $LAB/after
iptables -t nat -A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE
firewall-cmd --zone=trusted --add-interface=br0 >/dev/null
firewall-cmd --reload >/dev/null
trace reloaded net1 203.0.113.5
`;

const UFW = `${NETWORK}
sed -i 's/^IPT_SYSCTL.*/IPT_SYSCTL=/' /etc/default/ufw
ufw --force enable >/dev/null
trace dropped net1 tcp://203.0.113.5:80
`;

const UFW_REST = `
fix fixed
traced rules ufw show added
undo undone
traced gone ufw show added
`;

const of = (results: ReadonlyMap<string, Traced>, name: string): Traced => {
  const one = results.get(name);
  if (!one) throw new Error(`the script did not come to ${name}`);
  return one;
};

const REJECTED: ExpectedRun = {
  cause: 'nf-reject-host-prohibited',
  stage: 'forward',
  title: /firewalld filter_\w+ rule \d+ rejects the request/,
  owner: 'firewalld',
  remedy: ['firewall-cmd', '--zone=trusted', '--add-interface=br0'],
};

describe.skipIf(!hasFirewalld)('firewalld, started after the network', () => {
  let results: ReadonlyMap<string, Traced>;

  beforeAll(async () => {
    results = await runScripted('host-in-netns.sh', ALL ? `${FIREWALLD}${FIREWALLD_REST}` : FIREWALLD);
  }, 240_000);

  test('it rejects what comes by a bridge in no zone of its: cause, place, owner, its own way', () => {
    expect(saidBy(of(results, 'rejected').run(), REJECTED)).toEqual(REJECTED);
    expect(of(results, 'rejected').exitCode).toBe(3);
  });

  if (ALL)
    test('fix puts the bridge into a zone, and undo takes it out: the rules are the same as before', () => {
      expect(of(results, 'fixed').text).toContain('firewall-cmd --zone=trusted --add-interface=br0');
      expect(of(results, 'fixed').exitCode).toBe(0);
      expect(of(results, 'zone').text).toBe('trusted');
      expect(of(results, 'undone').exitCode).toBe(0);
      expect(of(results, 'same').exitCode).toBe(0);
    });

  if (ALL)
    test('its reload forgets the zone that was not stored', () => {
      expect(saidBy(of(results, 'reloaded').run(), REJECTED)).toEqual(REJECTED);
    });
});

describe.skipIf(!hasUfw)('ufw, enabled after the network', () => {
  let results: ReadonlyMap<string, Traced>;

  beforeAll(async () => {
    results = await runScripted('host-in-netns.sh', ALL ? `${UFW}${UFW_REST}` : UFW);
  }, 240_000);

  test('its policy drops routed traffic: cause, place, owner, its own way', () => {
    const expected: ExpectedRun = {
      cause: 'nf-forward-policy-drop',
      stage: 'forward',
      title: /FORWARD drops by policy: no rule accepts br0 to eth0/,
      owner: 'ufw',
      remedy: ['ufw', 'route', 'allow', 'in', 'on', 'br0', 'out', 'on', 'eth0'],
    };
    expect(saidBy(of(results, 'dropped').run(), expected)).toEqual(expected);
    expect(of(results, 'dropped').exitCode).toBe(3);
  });

  if (ALL)
    test('fix adds a rule for routed traffic, and undo takes it out', () => {
      expect(of(results, 'fixed').text).toContain('ufw route allow in on br0 out on eth0');
      expect(of(results, 'fixed').exitCode).toBe(0);
      expect(of(results, 'rules').text).toContain('ufw route allow in on br0 out on eth0');
      expect(of(results, 'undone').exitCode).toBe(0);
      expect(of(results, 'gone').text).not.toContain('ufw route');
    });
});
