import { beforeAll, describe, expect, test } from 'vitest';
import { ALL, type ExpectedRun, isRootWith, runScripted, saidBy, type Traced } from './helpers/scripted-host.js';

const hasPodman = await isRootWith(['podman', '--version'], ['runc', '--version']);
const hasCni = await isRootWith(['/usr/lib/cni/bridge'], ['/usr/lib/cni/firewall'], ['/usr/lib/cni/macvlan']);

const PODMAN = `
podman_lab
podman run -d --name pod1 -p 8080:80 busybox:lab sh -c 'httpd -f -p 80' >/dev/null
inside() { nsenter -t "$(podman inspect -f '{{.State.Pid}}' pod1)" -n "$@"; }
until inside ss -Hltn | grep -q :80; do sleep 0.05; done
`;

const PODMAN_SAMPLE = `
trace inbound pod1 tcp://198.51.100.10:8080 --inbound --simulate netns:out
iptables -t nat -F NETAVARK-HOSTPORT-DNAT
trace dnat pod1 tcp://198.51.100.10:8080 --inbound --simulate netns:out
`;

const PODMAN_REST = `
podman network reload pod1 >/dev/null
trace healthy pod1 203.0.113.5
iptables -t nat -D POSTROUTING 2
trace masquerade pod1 203.0.113.5
podman network reload pod1 >/dev/null
sysctl -qw net.ipv4.ip_forward=0; trace forwarding pod1 203.0.113.5; sysctl -qw net.ipv4.ip_forward=1
iptables -I NETAVARK_FORWARD -s 10.88.0.0/16 -j DROP; trace forward pod1 203.0.113.5; iptables -D NETAVARK_FORWARD 1
inside ip route del default; trace route pod1 203.0.113.5
`;

const OUTSIDE = '203.0.113.5';

const PODMAN_SAMPLED: Readonly<Record<string, ExpectedRun>> = {
  dnat: {
    cause: 'pub-dnat-missing',
    stage: 'prerouting',
    title: /no rule of PREROUTING leads 198\.51\.100\.10:8080 to pod1/,
    owner: 'Podman (netavark)',
    remedy: ['podman', 'network', 'reload', 'pod1'],
  },
};

const PODMAN_OTHERS: Readonly<Record<string, ExpectedRun>> = {
  masquerade: {
    cause: 'nf-masq-not-applied',
    stage: 'wire',
    title: /leaves eth0 untranslated/,
    remedy: ['iptables', '-t', 'nat', '-A', 'POSTROUTING', '-s', '10.88.0.0/16'],
  },
  forwarding: {
    cause: 'host-ip-forward-off',
    stage: 'route',
    title: /ip_forward = 0/,
    remedy: ['sysctl', '-w', 'net.ipv4.ip_forward=1'],
  },
  forward: {
    cause: 'nf-rule-drop',
    stage: 'forward',
    title: /NETAVARK_FORWARD rule 1 drops/,
    owner: 'Podman (netavark)',
    remedy: ['iptables', '-I'],
  },
  route: {
    cause: 'ctr-no-default-route',
    stage: 'route',
    title: /no route to 203\.0\.113\.5/,
    remedy: ['nsenter'],
  },
};

const found = (results: ReadonlyMap<string, Traced>, name: string): Traced => {
  const one = results.get(name);
  if (!one) throw new Error(`the script did not come to ${name}`);
  return one;
};

describe.skipIf(!hasPodman)('a container of rootful Podman', () => {
  let results: ReadonlyMap<string, Traced>;

  beforeAll(async () => {
    const script = [PODMAN, PODMAN_SAMPLE, ...(ALL ? [PODMAN_REST] : [])].join('\n');
    results = await runScripted('host-in-netns.sh', script);
  }, 300_000);

  test.each(['inbound', ...(ALL ? ['healthy'] : [])])('%s: works', (name) => {
    expect(found(results, name).run().diagnosis).toMatchObject({ status: 'ok', cause: null });
    expect(found(results, name).exitCode).toBe(0);
  });

  test.each(Object.entries({ ...PODMAN_SAMPLED, ...(ALL ? PODMAN_OTHERS : {}) }))(
    '%s: cause, place, owner, remedy',
    (name, expected) => {
      expect(found(results, name).exitCode).toBe(3);
      expect(saidBy(found(results, name).run(), expected)).toEqual(expected);
    },
  );
});

/** Configuration lists as they lie in /etc/cni/net.d, and the containers of each. */
const CNI = `
cat >$LAB/bridge.conflist <<'C'
{"cniVersion":"0.4.0","name":"lab","ports":[{"hostPort":8080,"containerPort":80,"protocol":"tcp"}],"plugins":[
 {"type":"bridge","bridge":"cni0","isGateway":true,"ipMasq":true,"hairpinMode":true,"ipam":{"type":"host-local","ranges":[[{"subnet":"10.22.0.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]}},
 {"type":"portmap","capabilities":{"portMappings":true}},{"type":"firewall"}]}
C
cat >$LAB/ptp.conflist <<'C'
{"cniVersion":"0.4.0","name":"point","plugins":[{"type":"ptp","ipMasq":true,"ipam":{"type":"host-local","ranges":[[{"subnet":"10.23.0.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]}}]}
C
cat >$LAB/macvlan.conflist <<'C'
{"cniVersion":"0.4.0","name":"mac","plugins":[{"type":"macvlan","master":"eth0","mode":"bridge","ipam":{"type":"host-local","ranges":[[{"subnet":"198.51.100.0/24","rangeStart":"198.51.100.50","rangeEnd":"198.51.100.60","gateway":"198.51.100.1"}]],"routes":[{"dst":"0.0.0.0/0"}]}}]}
C
for one in bridge ptp macvlan; do
  ip netns add c-$one; ip -n c-$one link set lo up
  cni ADD c-$one $LAB/$one.conflist
done
ip netns exec c-bridge busybox httpd -p 80
`;

const CNI_SAMPLE = `
for one in bridge ptp macvlan; do trace healthy-$one c-$one ${OUTSIDE}; done
trace inbound c-bridge tcp://198.51.100.10:8080 --inbound --simulate netns:out
iptables -P FORWARD DROP
iptables -F CNI-FORWARD
trace forward-bridge c-bridge ${OUTSIDE}
ip -n c-macvlan route del default
trace route-macvlan c-macvlan ${OUTSIDE}
`;

const CNI_REST = `
trace forward-ptp c-ptp ${OUTSIDE}
iptables -P FORWARD ACCEPT
sysctl -qw net.ipv4.ip_forward=0
for one in bridge ptp; do trace forwarding-$one c-$one ${OUTSIDE}; done
mkdir -p /etc/sysctl.d
printf '# hardening\\nnet.ipv4.ip_forward = 0\\n' >/etc/sysctl.d/60-lab.conf
trace forwarding-file c-bridge ${OUTSIDE}
sysctl -qw net.ipv4.ip_forward=1
iptables -t nat -F POSTROUTING
for one in bridge ptp; do trace masquerade-$one c-$one ${OUTSIDE}; done
iptables -t nat -F CNI-HOSTPORT-DNAT
trace dnat c-bridge tcp://198.51.100.10:8080 --inbound --simulate netns:out
for one in bridge ptp; do ip -n c-$one route del default; trace route-$one c-$one ${OUTSIDE}; done
`;

const noRoute = (name: string, gateway: string): ExpectedRun => ({
  cause: 'ctr-no-default-route',
  stage: 'route',
  title: /no route to 203\.0\.113\.5/,
  remedy: ['ip', '-n', name, 'route', 'add', 'default', 'via', gateway],
});
const forward = (device: RegExp): ExpectedRun => ({
  cause: 'nf-forward-policy-drop',
  stage: 'forward',
  title: new RegExp(`FORWARD drops by policy: no rule accepts ${device.source} to eth0`),
  remedy: ['iptables', '-I', 'FORWARD', '1', '-i'],
});
const forwarding: ExpectedRun = {
  cause: 'host-ip-forward-off',
  stage: 'route',
  title: /ip_forward = 0/,
  remedy: ['sysctl', '-w', 'net.ipv4.ip_forward=1'],
};
const masquerade: ExpectedRun = {
  cause: 'nf-missing-masquerade',
  stage: 'wire',
  title: /leaves eth0 untranslated/,
  remedy: ['iptables', '-t', 'nat', '-A', 'POSTROUTING', '-s'],
};

const CNI_SAMPLED: Readonly<Record<string, ExpectedRun>> = {
  'forward-bridge': forward(/cni0/),
  'route-macvlan': noRoute('c-macvlan', '198.51.100.1'),
};

const CNI_OTHERS: Readonly<Record<string, ExpectedRun>> = {
  'forward-ptp': forward(/veth\w+/),
  'forwarding-bridge': forwarding,
  'forwarding-ptp': forwarding,
  'masquerade-bridge': masquerade,
  'masquerade-ptp': masquerade,
  dnat: {
    cause: 'pub-dnat-missing',
    stage: 'prerouting',
    title: /no rule of PREROUTING leads 198\.51\.100\.10:8080 to c-bridge/,
    remedy: ['iptables', '-t', 'nat', '-I', 'PREROUTING', '1'],
  },
  'route-bridge': noRoute('c-bridge', '10.22.0.1'),
  'route-ptp': noRoute('c-ptp', '10.23.0.1'),
};

describe.skipIf(!hasCni)('containers of CNI plugins', () => {
  let results: ReadonlyMap<string, Traced>;

  beforeAll(async () => {
    results = await runScripted('host-in-netns.sh', [CNI, CNI_SAMPLE, ...(ALL ? [CNI_REST] : [])].join('\n'));
  }, 300_000);

  test.each(['healthy-bridge', 'healthy-ptp', 'healthy-macvlan', 'inbound'])('%s: works', (name) => {
    expect(found(results, name).run().diagnosis).toMatchObject({ status: 'ok', cause: null });
    expect(found(results, name).exitCode).toBe(0);
  });

  test.each(Object.entries({ ...CNI_SAMPLED, ...(ALL ? CNI_OTHERS : {}) }))(
    '%s: cause, place, owner, remedy',
    (name, expected) => {
      expect(found(results, name).exitCode).toBe(3);
      expect(saidBy(found(results, name).run(), expected)).toEqual(expected);
    },
  );

  if (ALL)
    test('a setting that a file makes is put down to its line', () => {
      expect(found(results, 'forwarding-file').run().findings[0]?.origin).toMatchObject({
        owner: expect.stringContaining('a file of settings, last written 20'),
        file: '/etc/sysctl.d/60-lab.conf',
        line: 2,
      });
    });
});
