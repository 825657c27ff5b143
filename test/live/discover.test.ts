import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContainerRow } from '../../src/discover/index.js';
import { type DiscoverLab, hopsOf, openDiscoverLab, type Refusal, stagesOf } from '../helpers/discover-lab.js';

let lab: DiscoverLab;
beforeAll(async () => {
  lab = await openDiscoverLab();
}, 60_000);
afterAll(() => lab?.close());

const SECOND_CONTAINER = `
ip netns add net2; ip -n net2 link set lo up
ip -n host link add veth2_p type veth peer name eth0 netns net2
ip -n net2 addr add 192.168.0.3/24 dev eth0; ip -n net2 link set eth0 up; ip -n net2 route add default via 192.168.0.1
ip -n host link set veth2_p up
`;

describe('the path', () => {
  it('goes over the bridge and out of the uplink', () => {
    const found = lab.path('', 'net1', '203.0.113.5');
    expect(hopsOf(found)).toEqual([
      'socket',
      'container eth0@net1',
      'veth-host veth1_p@host',
      'bridge br0@host',
      'uplink eth0@host',
      'outside',
    ]);
    expect(found.path.links.map((link) => link.id)).toEqual(['h0-h1', 'h1-h2', 'h2-h3', 'h3-h4', 'h4-h5']);
    expect(stagesOf(found, 'h3-h4')).toBe('prerouting route forward postrouting neighbour qdisc');
    expect(found.path.routers).toEqual([
      { netns: 'host', link: 'h3-h4', iif: 'br0', oif: 'eth0', nextHop: '198.51.100.1' },
    ]);
    expect(found.path.notes).toEqual([]);
    expect(found.flow).toMatchObject({ kind: 'egress', source: '192.168.0.2' });
  });

  it('is decided by the container’s routes, not by the name eth0', () => {
    const script = `
ip -n host link add br1 type bridge; ip -n host addr add 192.168.9.1/24 dev br1; ip -n host link set br1 up
ip -n host link add veth9_p type veth peer name net0 netns net1; ip -n host link set veth9_p master br1 up
ip -n net1 addr add 192.168.9.2/24 dev net0; ip -n net1 link set net0 up
ip -n net1 rule add to 203.0.113.0/24 lookup 77; ip -n net1 route add default via 192.168.9.1 table 77`;
    const found = lab.path(script, 'net1', '203.0.113.5');
    expect(hopsOf(found).slice(1, 4)).toEqual(['container net0@net1', 'veth-host veth9_p@host', 'bridge br1@host']);
    expect(found.flow.source).toBe('192.168.9.2');
    expect(hopsOf(lab.path(script, 'net1', '198.51.100.1'))[1]).toBe('container eth0@net1');
  });

  it('has no bridge where the veth is routed', () => {
    const found = lab.path(
      `
ip netns add pod; ip -n pod link set lo up
ip -n host link add cali1 type veth peer name eth0 netns pod; ip -n host link set cali1 up
ip -n pod addr add 10.244.0.2/32 dev eth0; ip -n pod link set eth0 up
ip -n pod route add 169.254.1.1 dev eth0 scope link; ip -n pod route add default via 169.254.1.1 dev eth0
ip -n host route add 10.244.0.2 dev cali1 scope link`,
      'pod',
      '203.0.113.5',
    );
    expect(hopsOf(found)).toEqual([
      'socket',
      'container eth0@pod',
      'veth-host cali1@host',
      'uplink eth0@host',
      'outside',
    ]);
    expect(found.path.routers).toMatchObject([{ iif: 'cali1', oif: 'eth0', link: 'h2-h3' }]);
    expect(found.path.notes).toEqual([]);
  });

  it('goes on through a third namespace that holds the peer', () => {
    const found = lab.path(
      `
ip netns add mid; ip netns add inner; ip -n mid link set lo up; ip -n inner link set lo up
ip -n host link add vmid type veth peer name eth0 netns mid; ip -n host link set vmid master br0 up
ip -n mid addr add 192.168.0.50/24 dev eth0; ip -n mid link set eth0 up; ip -n mid route add default via 192.168.0.1
ip -n mid link add brm type bridge; ip -n mid addr add 10.66.0.1/24 dev brm; ip -n mid link set brm up
ip -n mid link add vin type veth peer name eth0 netns inner; ip -n mid link set vin master brm up
ip -n inner addr add 10.66.0.2/24 dev eth0; ip -n inner link set eth0 up; ip -n inner route add default via 10.66.0.1
ip -n host route add 10.66.0.0/24 via 192.168.0.50
ip netns exec mid sysctl -qw net.ipv4.ip_forward=1`,
      'inner',
      '203.0.113.5',
    );
    expect(hopsOf(found)).toEqual([
      'socket',
      'container eth0@inner',
      'veth-host vin@mid',
      'bridge brm@mid',
      'uplink eth0@mid',
      'veth-host vmid@host',
      'bridge br0@host',
      'uplink eth0@host',
      'outside',
    ]);
    expect(found.path.routers).toMatchObject([
      { netns: 'ns1', link: 'h3-h4', iif: 'brm', oif: 'eth0', nextHop: '192.168.0.1' },
      { netns: 'host', link: 'h6-h7', iif: 'br0', oif: 'eth0', nextHop: '198.51.100.1' },
    ]);
  });

  it('leads from a macvlan straight to the lower device', () => {
    const found = lab.path(
      `
ip netns add mac; ip -n mac link set lo up
ip -n host link add link eth0 name mv0 type macvlan mode bridge; ip -n host link set mv0 netns mac
ip -n mac link set mv0 name eth0; ip -n mac addr add 198.51.100.77/24 dev eth0; ip -n mac link set eth0 up
ip -n mac route add default via 198.51.100.1`,
      'mac',
      '203.0.113.5',
    );
    expect(hopsOf(found)).toEqual(['socket', 'container eth0@mac', 'uplink eth0@host', 'outside']);
    expect(found.path.routers).toEqual([]);
  });

  it('goes through a vxlan to the device of the outer packets', () => {
    const found = lab.path(
      `
ip -n host link add vx0 type vxlan id 42 dstport 4789 local 198.51.100.10 nolearning
ip -n host link set vx0 up; ip -n host addr add 10.9.0.1/24 dev vx0
H bridge fdb append 00:00:00:00:00:00 dev vx0 dst 198.51.100.20
ip -n host route add 10.55.0.0/16 via 10.9.0.2`,
      'net1',
      '10.55.0.1',
    );
    expect(hopsOf(found).slice(3)).toEqual(['bridge br0@host', 'tunnel vx0@host', 'uplink eth0@host', 'outside']);
    expect(found.path.routers).toMatchObject([{ iif: 'br0', oif: 'vx0', nextHop: '10.9.0.2' }]);
    expect(stagesOf(found, 'h4-h5')).toBe('route output postrouting neighbour qdisc');
  });

  it('goes from port to port between two containers of one bridge', () => {
    const found = lab.path(`${SECOND_CONTAINER} ip -n host link set veth2_p master br0`, 'net1', '192.168.0.3');
    expect(hopsOf(found)).toEqual([
      'socket',
      'container eth0@net1',
      'veth-host veth1_p@host',
      'bridge-port veth2_p@host',
      'peer eth0@net2',
      'service',
    ]);
    expect(found.flow.kind).toBe('lateral');
    expect(found.path.routers).toEqual([]);
    expect(stagesOf(found, 'h4-h5')).toBe('input socket');
  });

  it('goes through the router to a container on another bridge', () => {
    const found = lab.path(
      `
ip netns add far; ip -n far link set lo up; ip -n host link add br1 type bridge
ip -n host addr add 192.168.7.1/24 dev br1; ip -n host link set br1 up
ip -n host link add vfar type veth peer name eth0 netns far; ip -n host link set vfar master br1 up
ip -n far addr add 192.168.7.2/24 dev eth0; ip -n far link set eth0 up; ip -n far route add default via 192.168.7.1`,
      'net1',
      '192.168.7.2',
    );
    expect(hopsOf(found).slice(3)).toEqual([
      'bridge br0@host',
      'bridge br1@host',
      'bridge-port vfar@host',
      'peer eth0@far',
      'service',
    ]);
    expect(found.path.routers).toMatchObject([{ link: 'h3-h4', iif: 'br0', oif: 'br1', nextHop: '192.168.7.2' }]);
    expect(found.flow.kind).toBe('lateral');
  });

  it('ends at the host where the destination is the host’s own', () => {
    const found = lab.path('', 'net1', '198.51.100.10');
    expect(hopsOf(found).slice(2)).toEqual(['veth-host veth1_p@host', 'bridge br0@host', 'service']);
    expect(found.flow.kind).toBe('to-host');
    expect(stagesOf(found, 'h3-h4')).toBe('prerouting route input socket');
  });

  it('takes the uplink of the policy rule and watches the other one', () => {
    const found = lab.path(
      `
ip -n host link add eth1 type veth peer name up1 netns outside
ip -n host addr add 198.51.100.130/25 dev eth1; ip -n host link set eth1 up; ip -n outside link set up1 up
ip -n host route add default via 198.51.100.129 table 100; ip -n host rule add from 192.168.0.0/24 lookup 100
ip -n host route add 192.168.0.0/24 dev br0 table 100`,
      'net1',
      '203.0.113.5',
    );
    expect(hopsOf(found).slice(3)).toEqual([
      'bridge br0@host',
      'uplink eth1@host',
      'outside',
      'alternate-uplink eth0@host',
    ]);
    expect(found.path.links.at(-1)).toMatchObject({ id: 'h3-h6', from: 'h3', to: 'h6' });
  });

  it('adds the device by which the host would send the reply back elsewhere', () => {
    const found = lab.path(
      `
ip -n host link add wrong0 type veth peer name wrong1; ip -n host link set wrong0 up; ip -n host link set wrong1 up
ip -n host route add 192.168.0.2/32 dev wrong0`,
      'net1',
      '203.0.113.5',
    );
    expect(hopsOf(found).slice(4)).toEqual(['uplink eth0@host', 'outside', 'return-egress wrong0@host']);
    expect(found.path.links.at(-1)).toMatchObject({ id: 'h4-h6' });
    expect(stagesOf(found, 'h4-h6')).toBe('prerouting route forward postrouting neighbour');
  });

  it('goes over a bridge to its outer port where the uplink is bridged', () => {
    const found = lab.path(
      `
ip -n host link add ext0 type bridge; ip -n host link set ext0 up
ip -n host addr flush dev eth0; ip -n host link set eth0 master ext0
ip -n host addr add 198.51.100.10/24 dev ext0; ip -n host route add default via 198.51.100.1
H ping -c1 -W1 198.51.100.1 >/dev/null`,
      'net1',
      '203.0.113.5',
    );
    expect(hopsOf(found).slice(3)).toEqual(['bridge br0@host', 'uplink ext0@host', 'lower eth0@host', 'outside']);
  });

  it('is complete also without a route on the host', () => {
    const found = lab.path('ip -n host route del default', 'net1', '203.0.113.5');
    expect(hopsOf(found).slice(3)).toEqual(['bridge br0@host', 'uplink eth0@host', 'outside']);
    expect(found.path.routers).toMatchObject([{ iif: 'br0', oif: 'eth0', nextHop: null }]);
    expect(found.path.notes).toEqual(['host has no route to 203.0.113.5; the path shows the way of eth0']);
  });

  it('is complete also where the container’s device is down', () => {
    const found = lab.path('ip -n net1 link set eth0 down', 'net1', '203.0.113.5');
    expect(hopsOf(found)).toEqual([
      'socket',
      '!container eth0@net1',
      'veth-host veth1_p@host',
      'bridge br0@host',
      'uplink eth0@host',
      'outside',
    ]);
    expect(found.path.hops[1]?.note).toBe('eth0 is down');
    expect(found.flow.source).toBe('192.168.0.2');
    expect(found.path.notes[0]).toMatch(/no route to 203\.0\.113\.5/);
  });

  it('is complete also where the container has no interface', () => {
    const found = lab.path('ip -n net1 link del eth0', 'net1', '203.0.113.5');
    expect(hopsOf(found)).toEqual(['socket', '!container null@net1', 'uplink eth0@host', 'outside']);
    expect(found.path.notes).toEqual(['the container has no interface but lo']);
  });

  it('is found for a process whose namespace has no name', () => {
    const script = `
ip netns exec host unshare --net sleep 60 & C=$!; sleep 0.3
ip -n host link add vanon type veth peer name eth0 netns $C; ip -n host link set vanon master br0 up
nsenter --net=/proc/$C/ns/net sh -c 'ip link set lo up; ip addr add 192.168.0.9/24 dev eth0; ip link set eth0 up; ip route add default via 192.168.0.1'
ln -s /proc/$C/ns/net /run/anonymous`;
    const found = lab.path(script, '/run/anonymous', '203.0.113.5');
    expect(hopsOf(found).slice(1, 4)).toEqual(['container eth0@anonymous', 'veth-host vanon@host', 'bridge br0@host']);
    expect(found.flow.source).toBe('192.168.0.9');
    expect(hopsOf(lab.path(script, 'net1', '192.168.0.9')).slice(3)).toEqual([
      'bridge-port vanon@host',
      'peer eth0@sleep',
      'service',
    ]);
  });

  it('is found for IPv6 too', () => {
    const found = lab.path(
      `
ip -n host addr add 2001:db8:1::1/64 dev br0 nodad; ip -n net1 addr add 2001:db8:1::2/64 dev eth0 nodad
ip -n net1 route add default via 2001:db8:1::1; ip -n host addr add 2001:db8:2::10/64 dev eth0 nodad
ip -n host route add default via 2001:db8:2::1`,
      'net1',
      '2001:db8:3::5',
    );
    expect(hopsOf(found).slice(2)).toEqual([
      'veth-host veth1_p@host',
      'bridge br0@host',
      'uplink eth0@host',
      'outside',
    ]);
    expect(found.flow).toMatchObject({ family: 6, source: '2001:db8:1::2' });
    expect(found.path.routers).toMatchObject([{ nextHop: '2001:db8:2::1' }]);
  });

  it('follows devices with names of odd bytes', () => {
    const found = lab.path(
      `ip -n host link set veth1_p down; ip -n host link set veth1_p name "$(printf 'a\\033b"\\\\')" up; ip -n host link set br0 name __proto__`,
      'net1',
      '203.0.113.5',
    );
    expect(found.path.hops[2]).toMatchObject({ role: 'veth-host', ifname: 'a\u001bb"\\' });
    expect(found.path.hops[3]).toMatchObject({ role: 'bridge', ifname: '__proto__' });
  });
});

describe('the target', () => {
  const refuse = (script: string, target: string): Refusal => lab.run(script, ['target', target]) as Refusal;

  it('is refused plainly when it shares the host’s namespace', () => {
    const script = 'ip netns exec host sleep 60 & sleep 0.2; ln -s /proc/$!/ns/net /run/shared';
    expect(lab.run(script, ['target', '/run/shared'])).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('own network namespace'),
    });
    expect(lab.run('', ['target', '/proc/self/ns/net'])).toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^process \d+ \(node\) shares the host's network namespace$/),
    });
  });

  it.each([
    ['an unknown name', '', 'nett1', /no container or network namespace nett1/, /did you mean net1/],
    ['an unknown PID', '', '4194300', /no process 4194300/, /list/],
    ['a path that is no namespace', '', '/etc/hostname', /not a network namespace/, /a target is/],
    ['a namespace of another type', '', '/proc/self/ns/uts', /not a network namespace/, /^$/],
    [
      'a bind-mounted namespace of another type',
      'touch /run/uts; mount --bind /proc/self/ns/uts /run/uts',
      '/run/uts',
      /not a network namespace/,
      /^$/,
    ],
    ['an unknown scheme', '', 'foo:bar', /not a kind of target/, /a target is/],
  ])('is refused when it is %s', (_, script, target, message, hint) => {
    const refusal = refuse(script, target);
    expect(refusal.exitCode).toBe(2);
    expect(refusal.message).toMatch(message);
    expect(refusal.hint ?? '').toMatch(hint);
  });
});

describe('a container’s name', () => {
  /** Stands for the docker client: knows `web` in net1, `stopped`, and `twin`, which is also a namespace. */
  const DOCKER = `
ip netns exec net1 sleep 60 & export WEB=$!; ip netns add twin; sleep 0.2; mkdir /run/bin
cat > /run/bin/docker <<'SH'
#!/bin/sh
for last; do :; done
inspection() { echo "{\\"Id\\":\\"0123456789abcdef\\",\\"Name\\":\\"/$1\\",\\"State\\":{\\"Pid\\":$2,\\"Status\\":\\"$3\\"}}"; }
case "$1 $last" in
  "inspect web"|"inspect twin") inspection "$last" "$WEB" running;;
  "inspect stopped") inspection stopped 0 exited;;
  "ps label="*) ;;
  "ps "*) echo 0123456789abcdef;;
  "inspect 0123456789abcdef") inspection web "$WEB" running;;
  *) echo "Error: No such container" >&2; exit 1;;
esac
SH
chmod +x /run/bin/docker; export PATH=/run/bin:$PATH DOCKER_HOST=unix:///run/none`;

  it.each(['web', 'docker:web'])('%s leads to its process', (target) => {
    expect(lab.run(DOCKER, ['target', target])).toMatchObject({ kind: 'docker', name: 'web', pid: expect.any(Number) });
  });

  it.each([
    ['stopped', /container stopped is not running/, /docker start stopped/],
    ['docker:wob', /docker knows no container wob/, /did you mean web\?/],
    ['twin', /twin is ambiguous/, /netns:twin or docker:twin/],
  ])('%s is refused', (target, message, hint) => {
    expect(lab.run(DOCKER, ['target', target])).toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });

  /** Stands for crictl, lxc and systemd-machined, which know a pod `shop/web-0`, a container `box` and a machine `bird`. */
  const OTHERS = `
ip netns exec net1 sleep 60 & export WEB=$!; sleep 0.2; mkdir -p /run/bin /run/systemd/machines
mount -t tmpfs none /var/lib; mkdir -p /var/lib/lxc/box
cat > /run/bin/crictl <<'SH'
#!/bin/sh
case "$*" in
  "ps --all --name ^web$ --quiet"|"ps --quiet") echo aaaaaaaaaaaa; echo bbbbbbbbbbbb;;
  "pods --name ^web-0$ --namespace shop --quiet") echo cccccccccccc;;
  "inspect --output json aaaaaaaaaaaa") echo '{"status":{"id":"aaaaaaaaaaaa","metadata":{"name":"web"},"state":"CONTAINER_EXITED"},"info":{"pid":0}}';;
  "inspect --output json bbbbbbbbbbbb") echo '{"status":{"id":"bbbbbbbbbbbb","metadata":{"name":"web"},"state":"CONTAINER_RUNNING","labels":{"io.kubernetes.pod.name":"web-0","io.kubernetes.pod.namespace":"shop"}},"info":{"pid":'$WEB',"config":{"envs":[{"key":"PASSWORD","value":"secret"}]}}}';;
  "inspectp --output json cccccccccccc") echo '{"status":{"id":"cccccccccccc","metadata":{"name":"web-0","namespace":"shop"},"state":"SANDBOX_READY","network":{"ip":"10.0.0.7"}},"info":{"pid":'$WEB'}}';;
esac
SH
cat > /run/bin/lxc-info <<'SH'
#!/bin/sh
[ "$2" = box ] && printf 'State:          RUNNING\\nPID:            %s\\n' "$WEB"
SH
chmod +x /run/bin/*; export PATH=/run/bin:$PATH CONTAINER_RUNTIME_ENDPOINT=unix:///run/none
printf 'NAME=bird\\nCLASS=container\\nLEADER=%s\\n' "$WEB" > /run/systemd/machines/bird`;

  it.each([
    ['web', 'cri', 'web'],
    ['cri:web', 'cri', 'web'],
    ['pod:shop/web-0', 'pod', 'shop/web-0'],
    ['bird', 'nspawn', 'bird'],
    ['lxc:box', 'lxc', 'box'],
  ])('%s leads to the process that %s names', (target, kind, name) => {
    expect(lab.run(OTHERS, ['target', target])).toMatchObject({ kind, name, pid: expect.any(Number) });
  });

  it('is listed with its pod, and what else names the same process, once', () => {
    const rows = lab.run(OTHERS, ['list']) as ContainerRow[];
    expect(rows.find((row) => row.netns === 'net1')).toMatchObject({
      runtime: 'cri',
      service: 'shop/web-0',
      sharedWith: [],
    });
    expect(JSON.stringify(rows)).not.toContain('secret');
  });

  it('is shown in the list', () => {
    const rows = lab.run(DOCKER, ['list']) as ContainerRow[];
    expect(rows.find((row) => row.name === 'web')).toMatchObject({ netns: 'net1', veth: ['veth1_p'] });
  });

  it('does not wait for a client that hangs', () => {
    const hang =
      'mkdir /run/bin; printf "#!/bin/sh\\nexec sleep 30\\n" > /run/bin/docker; chmod +x /run/bin/docker; export PATH=/run/bin:$PATH DOCKER_HOST=unix:///run/none';
    expect(lab.run(hang, ['target', 'net1'])).toMatchObject({ kind: 'netns', name: 'net1' });
  });
});

describe('the list', () => {
  it('names every namespace with its addresses and its ends on the host', () => {
    const rows = lab.run('ip netns exec net1 sleep 60 & sleep 0.2', ['list']) as ContainerRow[];
    expect(rows.find((row) => row.name === 'net1')).toMatchObject({
      netns: 'net1',
      pid: expect.any(Number),
      command: 'sleep',
      addresses: ['192.168.0.2/24'],
      veth: ['veth1_p'],
      bridge: ['br0'],
    });
    expect(rows.some((row) => row.name === 'host')).toBe(false);
  });
});

describe('a name', () => {
  it('is resolved by the container’s nameserver from inside its namespace', () => {
    const server = `
cat > /run/dns.py <<'PY'
import socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('192.168.0.1', 53))
while True:
    q, a = s.recvfrom(512)
    end = q.index(b'\\0', 12) + 5
    known = q[12:end-4].lower() == b'\\3web\\7example\\4test\\0' and q[end-4:end-2] == b'\\0\\1'
    head = q[:2] + (b'\\x81\\x80' if known else b'\\x81\\x83') + b'\\0\\1' + (b'\\0\\1' if known else b'\\0\\0') + b'\\0\\0\\0\\0'
    s.sendto(head + q[12:end] + (b'\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\x3c\\0\\4' + socket.inet_aton('203.0.113.5') if known else b''), a)
PY
H python3 /run/dns.py & until H ss -lun | grep -q :53; do sleep 0.05; done`;
    expect(lab.run(server, ['resolve', 'net1', 'https://web/path', '192.168.0.1'])).toMatchObject({
      address: '203.0.113.5',
      family: 4,
      protocol: 'tcp',
      port: 443,
    });
    expect(lab.run(server, ['resolve', 'net1', 'nowhere.example.test', '192.168.0.1'])).toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/does not resolve: ENOTFOUND from 192\.168\.0\.1/),
    });
  });
});
