import { beforeAll, describe, expect, test } from 'vitest';
import { type ExpectedRun, isRootWith, runScripted, saidBy, type Traced } from './helpers/scripted-host.js';

const hasDocker = await isRootWith(['dockerd', '--version']);

/**
 * `web` answers TCP port 80 and UDP port 53 of IPv4 and IPv6, and nothing else of what it publishes. This host answers TCP
 * port 9000 and UDP port 9002 of both.
 */
const SET_UP = `
ip netns attach out $OUTSIDE
ip -6 address add 2001:db8:9::10/64 dev eth0 nodad
nsenter --net=/proc/$OUTSIDE/ns/net ip -6 address add 2001:db8:9::1/64 dev up0 nodad
docker run -d --name web -p 8080:80 -p 8081:81 -p 5300:53/udp -p 5301:54/udp busybox:lab sleep 1000 >/dev/null
cat >$LAB/serve.js <<'JS'
const [tcp, udp] = process.argv.slice(2).map(Number);
const socket = require('dgram').createSocket('udp6');
socket.on('message', (message, { port, address }) => socket.send(message, port, address));
socket.bind(udp, '::', () =>
  require('net').createServer((client) => client.on('error', () => {}).end('hello')).listen(tcp, '::', () => console.log('ready')));
JS
serve() { "$@" >$LAB/ready & servers="\${servers:-} $!"; until grep -q ready $LAB/ready; do sleep 0.1; done; }
trap 'kill $servers' EXIT
serve nsenter --net=/proc/$(docker inspect -f '{{.State.Pid}}' web)/ns/net node $LAB/serve.js 80 53
serve node $LAB/serve.js 9000 9002
# An address that is still tentative answers nobody (RFC 4862 §5.4).
while { ip -6 address; docker exec web ip -6 address; } | grep -q tentative; do sleep 0.1; done
inbound() { trace "$1" web "$2" --inbound --simulate netns:out; }
with() { tool=$1 rule=$2; shift 2; $tool -I $rule; "$@"; $tool -D $rule; }
`;

const CASES = `
inbound udp udp://198.51.100.10:5300
inbound udp-six 'udp://[2001:db8:9::10]:5300'
inbound six 'tcp://[2001:db8:9::10]:8080'
inbound udp-wrong-port udp://198.51.100.10:5301
inbound six-wrong-port 'tcp://[2001:db8:9::10]:8081'
with iptables 'DOCKER-USER -p udp --dport 53 -j DROP' inbound udp-dropped udp://198.51.100.10:5300
with ip6tables 'FORWARD -p tcp --dport 80 -j DROP' inbound six-dropped 'tcp://[2001:db8:9::10]:8080'
iptables -t nat -F DOCKER
inbound udp-by-proxy udp://198.51.100.10:5300
ip6tables -t nat -F DOCKER
inbound six-by-proxy 'tcp://[2001:db8:9::10]:8080'
trace to-host web tcp://172.17.0.1:9000
trace to-host-uplink web tcp://198.51.100.10:9000
trace to-host-six web 'tcp://[2001:db8:9::10]:9000'
trace to-host-udp web udp://172.17.0.1:9002
trace to-host-nobody web tcp://172.17.0.1:9009
trace to-host-nobody-udp web udp://172.17.0.1:9009
with iptables 'INPUT -i docker0 -p tcp --dport 9000 -j REJECT' trace to-host-rejected web tcp://172.17.0.1:9000
with ip6tables 'INPUT -i docker0 -p tcp --dport 9000 -j DROP' trace to-host-six-dropped web 'tcp://[2001:db8:9::10]:9000'
with iptables 'OUTPUT -p udp --sport 9002 -j DROP' trace to-host-reply-dropped web udp://172.17.0.1:9002
iptables -P INPUT DROP
trace to-host-policy web udp://172.17.0.1:9002
`;

const HEALTHY = ['udp', 'udp-six', 'six', 'to-host', 'to-host-uplink', 'to-host-six', 'to-host-udp'];

const DOCKER = 'Docker';

const BROKEN: Readonly<Record<string, ExpectedRun>> = {
  'udp-wrong-port': {
    cause: 'pub-service-not-running',
    stage: 'socket',
    title: /nothing listens on port 54 of web/,
    remedy: /docker logs web/,
  },
  'six-wrong-port': {
    cause: 'pub-service-not-running',
    stage: 'socket',
    title: /nothing listens on port 81 of web/,
    remedy: /docker logs web/,
  },
  'udp-dropped': {
    cause: 'nf-docker-user-drop',
    stage: 'forward',
    title: /DOCKER-USER rule 1 drops the request/,
    owner: 'a user or program of this host: Docker leaves DOCKER-USER to its users',
    remedy: ['iptables', '-I', 'DOCKER-USER', '1', '-i', 'eth0', '-o', 'docker0'],
  },
  'six-dropped': {
    cause: 'nf-rule-drop',
    stage: 'forward',
    title: /FORWARD rule 1 drops the request/,
    remedy: ['ip6tables', '-I', 'FORWARD', '1', '-i', 'eth0', '-o', 'docker0'],
  },
  'udp-by-proxy': {
    cause: 'pub-dnat-missing',
    stage: 'prerouting',
    title: /leads 198\.51\.100\.10:5300 to web, docker-proxy alone does/,
    owner: DOCKER,
    remedy: ['docker', 'restart', 'web'],
  },
  'six-by-proxy': {
    cause: 'pub-dnat-missing',
    stage: 'prerouting',
    title: /leads \[2001:db8:9::10\]:8080 to web, docker-proxy alone does/,
    owner: DOCKER,
    remedy: ['docker', 'restart', 'web'],
  },
  'to-host-nobody': {
    cause: 'pub-service-not-listening',
    stage: 'socket',
    title: /^nothing listens on tcp port 9009 of this host$/,
    remedy: /start the program on this host/,
  },
  'to-host-nobody-udp': {
    cause: 'pub-service-not-listening',
    stage: 'socket',
    title: /^nothing listens on udp port 9009 of this host$/,
    remedy: /start the program on this host/,
  },
  'to-host-rejected': {
    cause: 'nf-reject-port-unreachable',
    stage: 'input',
    title: /INPUT rule 1 rejects the request with icmp-port-unreachable/,
    remedy: ['iptables', '-I', 'INPUT', '1', '-i', 'docker0'],
  },
  'to-host-six-dropped': {
    cause: 'nf-input-drop-from-bridge',
    stage: 'input',
    title: /INPUT rule 1 drops the request/,
    remedy: ['ip6tables', '-I', 'INPUT', '1', '-i', 'docker0'],
  },
  'to-host-reply-dropped': {
    cause: 'nf-output-drop-to-bridge',
    stage: 'output',
    title: /OUTPUT rule 1 drops the reply/,
    remedy: ['iptables', '-I', 'OUTPUT', '1', '-o', 'docker0'],
  },
  'to-host-policy': {
    cause: 'nf-input-drop-from-bridge',
    stage: 'input',
    title: /INPUT policy drops the request/,
    remedy: ['iptables', '-I', 'INPUT', '1', '-i', 'docker0'],
  },
};

/** The only ones whose flow works all the same. */
const DEGRADED = new Set(['udp-by-proxy', 'six-by-proxy']);

describe.skipIf(!hasDocker)('a real Docker host: inbound over UDP and IPv6, and to the host itself', () => {
  let results: ReadonlyMap<string, Traced>;
  const of = (name: string): Traced => {
    const found = results.get(name);
    if (!found) throw new Error(`the script did not come to ${name}`);
    return found;
  };

  beforeAll(async () => {
    const dockerd = '--ipv6 --fixed-cidr-v6 2001:db8:1::/64 --experimental --ip6tables';
    results = await runScripted('docker-in-netns.sh', SET_UP + CASES, { DOCKERD_ARGS: dockerd });
  }, 560_000);

  test.each(HEALTHY)('%s: works', (name) => {
    expect(of(name).run().diagnosis).toMatchObject({ status: 'ok', cause: null });
    expect(of(name).exitCode).toBe(0);
  });

  test.each(Object.entries(BROKEN))('%s: cause, place, owner, remedy', (name, expected) => {
    expect(saidBy(of(name).run(), expected)).toEqual(expected);
    expect(of(name).exitCode).toBe(DEGRADED.has(name) ? 4 : 3);
  });

  test('datagrams that docker-proxy hands on: the container sees the address of its bridge', () => {
    const [root] = of('udp-by-proxy').run().findings;
    expect(root?.evidence[0]?.text).toMatch(
      /^the datagrams reach the container from 172\.17\.0\.1:\d+ in place of 198\.51\.100\.1:\d+$/,
    );
    expect(of('six-by-proxy').run().findings[0]?.object).toBe('table ip6 nat chain PREROUTING');
  });
});
