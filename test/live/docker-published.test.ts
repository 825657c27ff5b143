import { beforeAll, describe, expect, test } from 'vitest';
import { ALL, type ExpectedRun, isRootWith, runScripted, saidBy, type Traced } from './helpers/scripted-host.js';

const hasDocker = await isRootWith(['dockerd', '--version']);

/** `web` publishes port 80, port 81 that nothing has, and port 82 that listens on 127.0.0.1 alone; `two` runs nothing. */
const SET_UP = `
ip netns attach out $OUTSIDE
docker run -d --name web -p 8080:80 -p 8081:81 -p 8082:82 -p 127.0.0.1:8083:80 busybox:lab sh -c 'httpd -f -p 80 & httpd -f -p 127.0.0.1:82 & sleep 1000' >/dev/null
docker run -d --name two -p 8090:80 busybox:lab sleep 1000 >/dev/null
until docker exec web sh -c 'ip -o address >/dev/null && nc 127.0.0.1 82 </dev/null'; do sleep 0.1; done
inbound() { name=$1; from=$2; place=$3; shift 3; trace "$name" web "tcp://$place" --inbound --simulate "$from"; }
kill_proxies() {
  for pid in $(pgrep -x docker-proxy); do
    [ "$(readlink /proc/$pid/ns/net)" = "$(readlink /proc/self/ns/net)" ] &&
      tr '\\0' ' ' </proc/$pid/cmdline | grep -q -e "\${1:-docker-proxy}" && kill "$pid" || true
  done
}
`;

const SAMPLE = `
( sleep 6; nsenter --net=/proc/$OUTSIDE/ns/net bash -c 'exec 3<>/dev/tcp/198.51.100.10/8080; sleep 1' ) &
trace waited web tcp://198.51.100.10:8080 --inbound --wait 30s
inbound loopback netns:out 198.51.100.10:8082
iptables -t nat -I DOCKER 1 -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.77:80
inbound shadowed netns:out 198.51.100.10:8080
iptables -t nat -D DOCKER 1
`;

const REST = `
inbound healthy netns:out 198.51.100.10:8080
inbound from-host host 198.51.100.10:8080
inbound from-localhost host 127.0.0.1:8080
inbound hairpin web 198.51.100.10:8080
inbound lateral two 198.51.100.10:8080
inbound wrong-port netns:out 198.51.100.10:8081
inbound host-loopback netns:out 198.51.100.10:8083
trace not-running two tcp://198.51.100.10:8090 --inbound --simulate netns:out
trace nobody two tcp://198.51.100.10:8090 --inbound --wait 1s
iptables-save -t nat >$LAB/nat
iptables -t nat -F DOCKER
inbound by-proxy netns:out 198.51.100.10:8080
iptables-restore <$LAB/nat
`;

const WITHOUT_PROXY = `
kill_proxies '-host-ip 0.0.0.0 -host-port 8080'
inbound localhost-proxy-killed host 127.0.0.1:8080
kill_proxies
inbound hairpin-proxy-killed web 198.51.100.10:8080
iptables -t nat -F DOCKER
inbound dnat-gone netns:out 198.51.100.10:8080
docker restart -t 0 web >/dev/null
until docker exec web sh -c 'nc 127.0.0.1 82 </dev/null'; do sleep 0.1; done
inbound localhost-restarted host 127.0.0.1:8080
`;

const DOCKER = 'Docker';
const RESTART = ['docker', 'restart', 'web'];

const SAMPLED: Readonly<Record<string, ExpectedRun>> = {
  loopback: {
    cause: 'pub-service-bound-loopback',
    stage: 'socket',
    title: /web listens on 127\.0\.0\.1 port 82 alone/,
    remedy: /listen on 0\.0\.0\.0/,
  },
  shadowed: {
    cause: 'pub-dnat-duplicate',
    stage: 'prerouting',
    title: /DOCKER rule 1 leads port 8080 to 172\.17\.0\.77/,
    owner: DOCKER,
    remedy: ['iptables', '-t', 'nat', '-I', 'PREROUTING', '1'],
  },
  'localhost-proxy-killed': {
    cause: 'docker-proxy-dead',
    stage: 'output',
    title: /no docker-proxy runs for 127\.0\.0\.1:8080/,
    owner: DOCKER,
    remedy: RESTART,
  },
  'hairpin-proxy-killed': {
    cause: 'pub-dnat-excludes-bridge',
    stage: 'prerouting',
    title: /what comes by docker0/,
    owner: DOCKER,
    remedy: RESTART,
  },
  'dnat-gone': {
    cause: 'pub-dnat-missing',
    stage: 'prerouting',
    title: /no rule of PREROUTING leads 198\.51\.100\.10:8080 to web$/,
    owner: DOCKER,
    remedy: RESTART,
  },
};

const OTHERS: Readonly<Record<string, ExpectedRun>> = {
  'wrong-port': {
    cause: 'pub-service-not-running',
    stage: 'socket',
    title: /nothing listens on port 81 of web/,
    remedy: /docker logs web/,
  },
  'host-loopback': {
    cause: 'pub-bound-host-loopback',
    stage: 'prerouting',
    title: /published on 127\.0\.0\.1 of the host alone/,
    owner: DOCKER,
    remedy: /without 127\.0\.0\.1/,
  },
  'not-running': {
    cause: 'pub-service-not-running',
    stage: 'socket',
    title: /nothing listens on port 80 of two/,
    remedy: /docker logs two/,
  },
  'by-proxy': {
    cause: 'pub-dnat-missing',
    stage: 'prerouting',
    title: /docker-proxy alone does/,
    owner: DOCKER,
    remedy: RESTART,
  },
};

describe.skipIf(!hasDocker)('published ports of a real Docker host', () => {
  let results: ReadonlyMap<string, Traced>;
  const of = (name: string): Traced => {
    const found = results.get(name);
    if (!found) throw new Error(`the script did not come to ${name}`);
    return found;
  };

  beforeAll(async () => {
    results = await runScripted(
      'docker-in-netns.sh',
      [SET_UP, SAMPLE, ...(ALL ? [REST] : []), WITHOUT_PROXY].join('\n'),
    );
  }, 560_000);

  test('a real connection is waited for and followed', () => {
    expect(of('waited').exitCode).toBe(0);
    expect(of('waited').run().diagnosis.title).toBe('web answers anyone outside on tcp://198.51.100.10:8080');
    expect(
      of('waited')
        .run()
        .path.hops.map(({ role }) => role),
    ).toEqual(['outside', 'uplink', 'bridge', 'veth-host', 'container', 'service']);
  });

  test.each(Object.entries({ ...SAMPLED, ...(ALL ? OTHERS : {}) }))(
    '%s: cause, place, owner, remedy',
    (name, expected) => {
      expect(of(name).exitCode).toBe(name === 'by-proxy' ? 4 : 3);
      expect(saidBy(of(name).run(), expected)).toEqual(expected);
    },
  );

  test('the remedy for the docker-proxy that was killed is right', () => {
    expect(of('localhost-restarted').run().diagnosis).toMatchObject({ status: 'ok', cause: null });
  });

  if (ALL)
    describe('in the soak', () => {
      test.each(['healthy', 'from-host', 'from-localhost', 'hairpin', 'lateral'])('%s: works', (name) => {
        expect(of(name).exitCode).toBe(0);
        expect(of(name).run().diagnosis).toMatchObject({ status: 'ok', cause: null });
      });

      test('nobody connects: not decided, with what the sockets alone say', () => {
        expect(of('nobody').exitCode).toBe(5);
        expect(of('nobody').run().diagnosis.doubts).toEqual([
          'nobody connected to tcp://198.51.100.10:8090 within 1 s',
          'the rules and sockets alone say: nothing listens on port 80 of two',
        ]);
      });
    });
});
