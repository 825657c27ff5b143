import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Run } from '../../src/model/run.js';
import { PROGRAM } from '../helpers/lab.js';

const DOCKER_LAB = fileURLToPath(new URL('../helpers/docker-in-netns.sh', import.meta.url));
const hasDocker = process.getuid?.() === 0 && (await execa('dockerd', ['--version'], { reject: false })).exitCode === 0;

/** Each trace of the script below prints its name, its exit code and the run document or the error. */
const SCRIPT = `
set -eu
export XDG_STATE_HOME=$LAB/state
trace() {
  name=$1; shift
  rc=0; out=$("$@" 2>&1) || rc=$?
  printf '%s\\t%s\\t%s\\n' "$name" "$rc" "$(printf %s "$out" | tr '\\n\\t' '  ')"
}
vethoscope() { VETHOSCOPE_WORDS "$@" --timeout 120s; }
docker run -d --name web-1 busybox:lab sleep 1000 >/dev/null
docker network create app >/dev/null
docker network create --internal closed >/dev/null
docker network create -o com.docker.network.bridge.enable_icc=false silent >/dev/null
docker network create -o com.docker.network.bridge.enable_ip_masquerade=false bare >/dev/null
docker run -d --name in-1 --network closed busybox:lab sleep 1000 >/dev/null
docker run -d --name s-1 --network silent busybox:lab sleep 1000 >/dev/null
docker run -d --name s-2 --network silent busybox:lab sleep 1000 >/dev/null
docker run -d --name b-1 --network bare busybox:lab sleep 1000 >/dev/null
trace icc vethoscope trace s-1 "$(docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' s-2)" --json
trace internal vethoscope trace in-1 203.0.113.5 --json
docker network connect bridge in-1
trace led-out vethoscope trace in-1 203.0.113.5 --json
trace bare vethoscope trace b-1 203.0.113.5 --json
docker run -d --name app-1 --network app busybox:lab sleep 1000 >/dev/null
trace resolver vethoscope trace app-1 dns:///app-1 --json
nsenter --net=/proc/$(docker inspect -f '{{.State.Pid}}' app-1)/ns/net iptables -t nat -F
trace resolver-cut-off vethoscope trace app-1 dns:///app-1 --json
docker network connect app web-1
trace two-networks vethoscope trace web-1 203.0.113.5 --json
docker network disconnect app web-1
iptables -I DOCKER-USER -s 172.17.0.0/16 -j DROP
trace user vethoscope trace web-1 203.0.113.5 --json
iptables -D DOCKER-USER 1
iptables -t nat -D POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
trace masquerade vethoscope trace web-1 203.0.113.5 --json
iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
sysctl -qw net.ipv4.ip_forward=0
trace forwarding vethoscope trace web-1 203.0.113.5 --json
sysctl -qw net.ipv4.ip_forward=1
( for _ in $(seq 200); do grep -qs listen "$LAB/removed" && break; sleep 0.05; done; docker rm -f web-1 >/dev/null ) &
removing=$!
trace removed timeout 150 sh -c 'VETHOSCOPE_WORDS trace web-1 203.0.113.5 --count 100 --interval 100ms --timeout 120s -o ndjson --no-save 2>&1 | tee "$LAB/removed" | tail -n 2'
wait $removing
`;

describe.skipIf(!hasDocker)('faults of a real Docker host', () => {
  const results = new Map<string, { exitCode: number; text: string }>();

  const runOf = (name: string): Run => JSON.parse(results.get(name)?.text ?? '{}') as Run;

  beforeAll(async () => {
    const script = SCRIPT.replaceAll('VETHOSCOPE_WORDS', PROGRAM.join(' '));
    const { stdout } = await execa('bash', [DOCKER_LAB, 'bash', '-c', script], { timeout: 540_000 });
    for (const line of stdout.split('\n')) {
      const [name = '', exitCode = '', text = ''] = line.split('\t');
      results.set(name, { exitCode: Number(exitCode), text });
    }
  }, 560_000);

  test.each(['led-out', 'two-networks'])('on two networks (%s): works by the one that leads out', (name) => {
    expect(runOf(name).diagnosis.status).toBe('ok');
  });

  test("Docker's own resolver: it answers, and is cut off when the container's rules are flushed", () => {
    expect(runOf('resolver').diagnosis.title).toBe('dns:///app-1 answers app-1: NOERROR, 1 record');
    const { diagnosis, findings } = runOf('resolver-cut-off');
    expect(diagnosis).toMatchObject({ status: 'fault', cause: 'dns-embedded-nat-missing', confidence: 'certain' });
    expect(diagnosis.title).toMatch(/^no rule leads 127\.0\.0\.11:53 to Docker's resolver on port \d+$/);
    expect(findings[0]?.remedies.map(({ commands }) => commands.length)).toEqual([0, 2]);
  });

  /** Cause, broken at, the network's words, who made what drops, and what helps. */
  test.each([
    [
      'icc',
      'nf-icc-false',
      'forward',
      /network silent .*icc=false/,
      'Docker, network silent',
      ['iptables', '-I', 'DOCKER-USER'],
    ],
    [
      'internal',
      'nf-docker-isolation',
      'forward',
      /network closed is internal/,
      'Docker',
      ['docker', 'network', 'connect', 'bridge', 'in-1'],
    ],
    [
      'bare',
      'nf-missing-masquerade',
      'wire',
      /network bare: ip_masquerade=false/,
      undefined,
      ['iptables', '-t', 'nat', '-A', 'POSTROUTING'],
    ],
    [
      'user',
      'nf-docker-user-drop',
      'forward',
      /DOCKER-USER rule 1/,
      'a user or program of this host: Docker leaves DOCKER-USER to its users',
      ['iptables', '-I', 'DOCKER-USER'],
    ],
    [
      'masquerade',
      'nf-missing-masquerade',
      'wire',
      /no MASQUERADE$/,
      undefined,
      ['iptables', '-t', 'nat', '-A', 'POSTROUTING'],
    ],
    [
      'forwarding',
      'host-ip-forward-off',
      'route',
      /ip_forward = 0/,
      undefined,
      ['sysctl', '-w', 'net.ipv4.ip_forward=1'],
    ],
  ])('%s: %s, with the owner and the remedy', (name, cause, stage, title, owner, command) => {
    const { diagnosis, findings } = runOf(name);
    expect(diagnosis).toMatchObject({ status: 'fault', cause, brokenLink: { stage } });
    expect(diagnosis.title).toMatch(title);
    expect(findings[0]?.origin?.owner).toBe(owner);
    expect(findings[0]?.remedies[0]?.commands[0]?.slice(0, command.length)).toEqual(command);
  });

  test('no more lies behind an internal network than its own rule', () => {
    expect(runOf('internal').findings).toHaveLength(1);
  });

  test('a missing MASQUERADE: told from one that was never to be', () => {
    const words = (name: string) =>
      runOf(name)
        .findings[0]?.evidence.map(({ text }) => text)
        .join('\n');
    expect(words('masquerade')).toContain('docker is to masquerade network bridge, and its rule is not there');
    expect(words('bare')).toContain('network bare was made without masquerading');
  });

  test('removed during the trace: said, by its name', () => {
    expect(results.get('removed')?.text).toMatch(/container web-1 \(process \d+\) ended during the trace/);
  });
});

/** A daemon that was told to keep its hands off, each with what its containers miss. */
const DAEMONS = [
  ['--iptables=false', /runs with --iptables=false, or all its rules were flushed/],
  ['--ip-masq=false', /network bridge was made without masquerading/],
] as const;

describe.skipIf(!hasDocker).each(DAEMONS)('dockerd %s', (option, words) => {
  test('the missing MASQUERADE is named, and why it is not there', async () => {
    const script = `docker run -d --name web-1 busybox:lab sleep 1000 >/dev/null
${PROGRAM.join(' ')} trace web-1 203.0.113.5 --timeout 120s --json --no-save || true`;
    const { stdout } = await execa('bash', [DOCKER_LAB, 'bash', '-c', script], {
      timeout: 240_000,
      env: { DOCKERD_ARGS: option },
    });
    const run = JSON.parse(stdout) as Run;
    expect(run.diagnosis).toMatchObject({ cause: 'nf-missing-masquerade', brokenLink: { stage: 'wire' } });
    expect(run.findings[0]?.evidence.map(({ text }) => text).join()).toMatch(words);
  }, 260_000);
});
