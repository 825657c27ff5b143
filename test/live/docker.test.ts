import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ContainerRow } from '../../src/discover/index.js';
import type { Run } from '../../src/model/run.js';
import { PROGRAM } from '../helpers/lab.js';

const DOCKER_LAB = fileURLToPath(new URL('../helpers/docker-in-netns.sh', import.meta.url));
const hasDocker = process.getuid?.() === 0 && (await execa('dockerd', ['--version'], { reject: false })).exitCode === 0;

/** Each trace of the script below prints its name, its exit code and the run document or the error. */
const SCRIPT = `
set -eu
mkdir -p /run/containerd
mount -t tmpfs none /run/containerd
export XDG_STATE_HOME=$LAB/state
trace() {
  name=$1; shift
  rc=0; out=$("$@" 2>&1) || rc=$?
  printf '%s\\t%s\\t%s\\n' "$name" "$rc" "$(printf %s "$out" | tr '\\n\\t' '  ')"
}
VETHOSCOPE
docker run -d --name web-1 busybox:lab sleep 1000 >/dev/null
docker network create app >/dev/null
docker run -d --name app-1 --network app busybox:lab sleep 1000 >/dev/null
docker run -d --name lonely --network none busybox:lab sleep 1000 >/dev/null
docker run -d --name front-1 --label com.docker.compose.project=shop --label com.docker.compose.service=front -p 8081:80 busybox:lab sleep 1000 >/dev/null
docker run -d --name side --network container:front-1 busybox:lab sleep 1000 >/dev/null
docker run -d --name still busybox:lab sleep 1000 >/dev/null
docker pause still >/dev/null
docker run --name gone busybox:lab sh -c 'exit 3' || true
export CONTAINERD_ADDRESS=$LAB/run/containerd/containerd.sock
trap 'ctr tasks delete --force raw >/dev/null 2>&1 || true' EXIT
ctr run -d --rootfs "$LAB/image" raw /bin/sleep 1000
docker run -d --name hosty --network host busybox:lab sleep 1000 >/dev/null
trace healthy vethoscope trace web-1 203.0.113.5 --json
trace own-network vethoscope trace docker:app-1 203.0.113.5 --json
trace none vethoscope trace lonely 203.0.113.5 --json
docker network disconnect none lonely; docker network connect bridge lonely
trace connected vethoscope trace lonely 203.0.113.5 --json
trace list vethoscope list --json
trace service vethoscope trace front 203.0.113.5 --json
trace shared vethoscope trace side 203.0.113.5 --json
trace paused vethoscope trace still 203.0.113.5 --json
trace stopped vethoscope trace gone 203.0.113.5
trace unknown vethoscope trace docker:wep-1 203.0.113.5
trace task vethoscope trace raw 203.0.113.5 --json
trace host vethoscope trace hosty 203.0.113.5
address=$(docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' app-1)
trace isolated vethoscope trace web-1 "$address" --json
iptables -F FORWARD
trace flushed vethoscope trace web-1 203.0.113.5 --json
`;

describe.skipIf(!hasDocker)('a container of a real Docker daemon, by its name', () => {
  const results = new Map<string, { exitCode: number; text: string }>();

  const runOf = (name: string): Run => JSON.parse(results.get(name)?.text ?? '{}') as Run;

  beforeAll(async () => {
    const program = `vethoscope() { ${PROGRAM.map((word) => `'${word}'`).join(' ')} "$@"; }`;
    const script = SCRIPT.replace('VETHOSCOPE', program);
    const { stdout } = await execa('bash', [DOCKER_LAB, 'bash', '-c', script], { timeout: 540_000 });
    for (const line of stdout.split('\n')) {
      const [name = '', exitCode = '', text = ''] = line.split('\t');
      results.set(name, { exitCode: Number(exitCode), text });
    }
  }, 560_000);

  test.each(['healthy', 'own-network'])('%s: works, along its veth and its bridge', (name) => {
    const run = runOf(name);
    expect(run.diagnosis.status).toBe('ok');
    expect(run.target.kind).toBe('docker');
    expect(run.path.hops.map(({ role }) => role)).toEqual([
      'socket',
      'container',
      'veth-host',
      'bridge',
      'uplink',
      'outside',
    ]);
  });

  test('without a network: said, with the command that gives it one', () => {
    const run = runOf('none');
    expect(run.diagnosis.cause).toBe('ctr-no-network');
    expect(run.findings[0]?.remedies[0]?.commands).toEqual([
      ['docker', 'network', 'disconnect', 'none', 'lonely'],
      ['docker', 'network', 'connect', 'bridge', 'lonely'],
    ]);
    expect(runOf('connected').diagnosis.status).toBe('ok');
  });

  test('by its compose service: the same container', () => {
    expect(runOf('service')).toMatchObject({
      target: { name: 'front-1', kind: 'docker' },
      diagnosis: { status: 'ok' },
    });
  });

  test('a task of containerd without Docker: by its ID', () => {
    expect(runOf('task')).toMatchObject({
      target: { name: 'raw', kind: 'containerd' },
      diagnosis: { cause: 'ctr-no-network' },
    });
  });

  test("in another container's network, or paused: traced, and said", () => {
    expect(runOf('shared').diagnosis.status).toBe('ok');
    expect(runOf('shared').target.notes?.join()).toMatch(/side has no network of its own: it uses that of container/);
    expect(runOf('paused').diagnosis.status).toBe('ok');
    expect(runOf('paused').target.notes?.join()).toMatch(/still is paused: .*docker unpause still/);
  });

  test.each([
    ['stopped', /container gone is not running \(exited\).*docker start gone/],
    ['unknown', /docker knows no container wep-1.*did you mean web-1/],
  ])('%s: one line and what helps', (name, words) => {
    expect(results.get(name)?.exitCode).toBe(2);
    expect(results.get(name)?.text).toMatch(words);
  });

  test('the list has networks with their drivers, ports, services and who shares a namespace', () => {
    const { containers, onHost } = JSON.parse(results.get('list')?.text ?? '{}') as {
      containers: ContainerRow[];
      onHost: string[];
    };
    const row = (name: string) => containers.find((candidate) => candidate.name === name);
    expect(row('front-1')).toMatchObject({
      runtime: 'docker',
      status: 'running',
      networks: [{ name: 'bridge', driver: 'bridge' }],
      ports: expect.arrayContaining(['0.0.0.0:8081->80/tcp']),
      service: 'shop/front',
      sharedWith: ['side'],
      bridge: ['docker0'],
    });
    expect(row('front-1')?.addresses).toEqual([`${row('front-1')?.networks[0]?.address}/16`]);
    expect(row('still')?.status).toBe('paused');
    expect(row('app-1')?.networks).toMatchObject([{ name: 'app', driver: 'bridge' }]);
    expect(row('raw')?.runtime).toBe('containerd');
    expect(onHost).toEqual(['hosty']);
  });

  test("in the host's namespace: said plainly", () => {
    expect(results.get('host')).toMatchObject({ exitCode: 2 });
    expect(results.get('host')?.text).toContain("shares the host's network namespace");
  });

  test('to a container of another network: isolated by Docker, with its chain and rule', () => {
    const run = runOf('isolated');
    expect(run.diagnosis).toMatchObject({ cause: 'nf-docker-isolation', confidence: 'certain', direction: 'forward' });
    expect(run.findings[0]?.object).toContain('DOCKER-ISOLATION-STAGE-2');
  });

  test("after a firewall reload that flushed Docker's rules: named, and who is to rebuild them", () => {
    const run = runOf('flushed');
    expect(run.diagnosis).toMatchObject({ cause: 'nf-docker-chains-flushed', confidence: 'certain' });
    expect(run.findings[0]?.remedies[0]?.commands).toEqual([['systemctl', 'restart', 'docker']]);
  });
});
