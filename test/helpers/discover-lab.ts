import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsdown';
import type { Flow } from '../../src/model/flow.js';
import type { NetnsRef } from '../../src/model/netns.js';
import type { Path } from '../../src/model/path.js';

const DRIVER = fileURLToPath(new URL('discover-driver.ts', import.meta.url));

/** The textbook set-up: net1 behind br0 of `host`, whose uplink leads to `outside`. */
const TEXTBOOK = `
set -e
mount --make-rprivate /; mount -t tmpfs tmpfs /run; mkdir -p /run/netns
H() { ip netns exec host "$@"; }
for n in host net1 outside; do ip netns add $n; ip -n $n link set lo up; done
ip -n host link add eth0 type veth peer name up0 netns outside
ip -n host link add br0 type bridge
ip -n host link add veth1_p type veth peer name eth0 netns net1
ip -n host link set veth1_p master br0
ip -n host addr add 198.51.100.10/24 dev eth0
ip -n host addr add 192.168.0.1/24 dev br0
for d in eth0 br0 veth1_p; do ip -n host link set $d up; done
ip -n outside addr add 198.51.100.1/24 dev up0; ip -n outside link set up0 up
ip -n outside addr add 203.0.113.5/32 dev lo
ip -n host route add default via 198.51.100.1
ip -n net1 addr add 192.168.0.2/24 dev eth0; ip -n net1 link set eth0 up
ip -n net1 route add default via 192.168.0.1
H sysctl -qw net.ipv4.ip_forward=1
`;

export interface Refusal {
  readonly message: string;
  readonly hint: string | null;
  readonly exitCode: number;
}

export interface Found {
  readonly path: Path;
  readonly flow: Flow;
  readonly netns: readonly NetnsRef[];
}

export interface DiscoverLab {
  /** Builds the textbook set-up, changes it by `script`, and runs the driver in `host`. */
  run(script: string, args: readonly string[]): unknown;
  path(script: string, target: string, destination: string, source?: string): Found;
  close(): void;
}

/** Network, mounts, names and processes are private to each run and vanish with its first process. */
export const openDiscoverLab = async (): Promise<DiscoverLab> => {
  const folder = mkdtempSync(join(tmpdir(), 'vethoscope-discover-'));
  await build({
    config: false,
    entry: { driver: DRIVER },
    outDir: folder,
    format: 'esm',
    platform: 'node',
    dts: false,
    logLevel: 'silent',
    deps: { alwaysBundle: [/.*/], onlyBundle: false },
  });
  const run = (script: string, args: readonly string[]): unknown => {
    const quoted = args.map((arg) => `'${arg.replaceAll("'", "'\\''")}'`).join(' ');
    const whole = `${TEXTBOOK}\n${script}\nip netns exec host ${process.execPath} ${folder}/driver.mjs ${quoted}`;
    const output = execFileSync(
      'unshare',
      ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', 'bash', '-c', whole],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
        timeout: 20_000,
      },
    );
    return JSON.parse(output);
  };
  return {
    run,
    path: (script, target, destination, source) =>
      run(script, ['path', target, destination, ...(source === undefined ? [] : [source])]) as Found,
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
};

/** Hops as `role ifname@netns`, with `!` before those that are not captured though they are devices. */
export const hopsOf = ({ path, netns }: Found): string[] =>
  path.hops.map((hop) => {
    if (hop.role === 'socket' || hop.role === 'outside' || hop.role === 'service') return hop.role;
    const name = netns.find(({ id }) => id === hop.netns)?.name;
    return `${hop.captured ? '' : '!'}${hop.role} ${hop.ifname}@${name}`;
  });

export const stagesOf = ({ path }: Found, id: string): string =>
  path.links.find((link) => link.id === id)?.stages.join(' ') ?? `no link ${id}`;
