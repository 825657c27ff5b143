import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { PROGRAM } from '../helpers/lab.js';

const DOCKER_LAB = fileURLToPath(new URL('../helpers/docker-in-netns.sh', import.meta.url));
const hasDocker = process.getuid?.() === 0 && (await execa('dockerd', ['--version'], { reject: false })).exitCode === 0;

/** Each step prints its name, its exit code and what it said. */
const SCRIPT = `
set -eu
export XDG_STATE_HOME=$LAB/state VETHOSCOPE_STATE=$LAB/journal
step() {
  name=$1; shift
  rc=0; out=$("$@" 2>&1) || rc=$?
  printf '%s\\t%s\\t%s\\n' "$name" "$rc" "$(printf %s "$out" | tr '\\n\\t' '  ')"
}
PROGRAM_HERE
state() {
  iptables-save | sed 's/^#.*//; s/\\[[0-9:]*\\]//'; nft list ruleset | sed 's/packets [0-9]* bytes [0-9]*//'
  sysctl -a -r '^net' 2>/dev/null | grep -v conntrack_count; ip -o addr | sed 's/valid_lft.*//'; ip route; ip -4 route show table local
}
docker run -d --name bare --network none busybox:lab sh -c 'mkdir -p /www; echo hello >/www/index.html; httpd -f -p 80 -h /www' >/dev/null
docker run -d --name other busybox:lab sleep 1000 >/dev/null
build() { vethoscope build bare --bridge docker0 --publish 8090:80 --apply --destination 203.0.113.5 --no-save; }
sleep 3
state >$LAB/before
step build build
step again build
get() { printf 'GET /index.html HTTP/1.0\\r\\n\\r\\n' | "$@" | grep -o hello; }
step outside get nsenter --net=/proc/$OUTSIDE/ns/net busybox nc -w 3 198.51.100.10 8090
step host get busybox nc -w 3 198.51.100.10 8090
step hairpin get docker exec -i bare nc -w 3 198.51.100.10 8090
step neighbour docker exec other ping -c 1 -W 2 203.0.113.5
step undo vethoscope undo --last
sleep 1
state >$LAB/after
step same diff $LAB/before $LAB/after
`;

describe.skipIf(!hasDocker)("a container without a network, on Docker's own bridge", () => {
  const results = new Map<string, { exitCode: number; text: string }>();

  beforeAll(async () => {
    const program = `vethoscope() { ${PROGRAM.map((word) => `'${word}'`).join(' ')} "$@"; }`;
    const script = SCRIPT.replace('PROGRAM_HERE', program);
    const { stdout } = await execa('bash', [DOCKER_LAB, 'bash', '-c', script], { timeout: 150_000 });
    for (const line of stdout.split('\n')) {
      const [name = '', exitCode = '', text = ''] = line.split('\t');
      results.set(name, { exitCode: Number(exitCode), text });
    }
  }, 180_000);

  test('is built, and gets out', () => {
    expect(results.get('build'), results.get('build')?.text).toMatchObject({ exitCode: 0 });
    expect(results.get('build')?.text).toContain('ok: 203.0.113.5 answers');
    expect(results.get('build')?.text).toContain('Docker does not know of this address');
  });

  test("leaves Docker's own rules alone, and does nothing the second time", () => {
    expect(results.get('build')?.text).toContain("hide 172.17.0.0/16 behind this host's address: right already");
    expect(results.get('again')?.text).toContain('The network is complete');
  });

  test.each(['outside', 'host', 'hairpin'])('its published port answers: from %s', (from) => {
    expect(results.get(from)).toMatchObject({ exitCode: 0, text: 'hello' });
  });

  test('other containers go on, and undo leaves the host as it was', () => {
    expect(results.get('neighbour')).toMatchObject({ exitCode: 0 });
    expect(results.get('undo'), results.get('undo')?.text).toMatchObject({ exitCode: 0 });
    expect(results.get('same')).toMatchObject({ exitCode: 0, text: '' });
  });
});
