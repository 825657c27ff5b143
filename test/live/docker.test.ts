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
VETHOSCOPE
docker run -d --name web-1 busybox:lab sleep 1000 >/dev/null
docker network create app >/dev/null
docker run -d --name app-1 --network app busybox:lab sleep 1000 >/dev/null
docker run -d --name lonely --network none busybox:lab sleep 1000 >/dev/null
docker run -d --name hosty --network host busybox:lab sleep 1000 >/dev/null
trace healthy vethoscope trace web-1 203.0.113.5 --json
trace own-network vethoscope trace docker:app-1 203.0.113.5 --json
trace none vethoscope trace lonely 203.0.113.5 --json
docker network disconnect none lonely; docker network connect bridge lonely
trace connected vethoscope trace lonely 203.0.113.5 --json
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
    const { stdout } = await execa('bash', [DOCKER_LAB, 'bash', '-c', script], { timeout: 120_000 });
    for (const line of stdout.split('\n')) {
      const [name = '', exitCode = '', text = ''] = line.split('\t');
      results.set(name, { exitCode: Number(exitCode), text });
    }
  }, 150_000);

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
