import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { faults } from '../../src/lab/faults/index.js';
import { EXIT } from '../../src/model/errors.js';
import { inventoryOf } from '../helpers/inventory.js';
import { openLab, PROGRAM, type TestLab } from '../helpers/lab.js';
import { makePrivateEtc, type PrivateEtc } from '../helpers/private-etc.js';

// Each test makes, checks and takes back a repair, and starts the host's own service on what was written.
vi.setConfig({ testTimeout: 180_000 });

const NETWORKD = '/usr/lib/systemd/systemd-networkd';
const DROP_IN = /systemd\/network\/10-own\.network\.d\/99-vethoscope-\w+\.conf/;
const OWN = '[Match]\nName=br0 flannel.1\n[Network]\nLinkLocalAddressing=no\n';

let lab: TestLab | null;

beforeEach(() => {
  lab = null;
});

afterEach(() => lab?.close());

interface Broken {
  readonly made: TestLab;
  readonly etc: PrivateEtc;
  readonly flow: readonly string[];
  readonly everything: () => Promise<string>;
}

/** A lab with a fault, and a host that keeps its network settings in a file. */
const broken = async (id: string, path: string, text: string): Promise<Broken> => {
  const fault = faults.find((one) => one.id === id);
  const made = await openLab(fault?.topology ?? 'textbook');
  lab = made;
  await made.run(fault?.break ?? []);
  const etc = await makePrivateEtc(made, 'network');
  await etc.put(path, text);
  return {
    made,
    etc,
    flow: [made.topology.target, made.topology.destination],
    everything: async () => `${await inventoryOf(made)}\n${JSON.stringify(await etc.files())}`,
  };
};

const fixed = async ({ etc, flow }: Broken): Promise<string> => {
  const result = await etc.vethoscope('fix', ...flow, '--persist', '--apply');
  expect(result.exitCode, result.stdout + result.stderr).toBe(EXIT.ok);
  return result.stdout;
};

const undone = async ({ etc }: Broken): Promise<void> => {
  const result = await etc.vethoscope('undo', '--last');
  expect(result.exitCode, result.stdout + result.stderr).toBe(EXIT.ok);
};

/** What a service makes of the settings in a namespace in which only the device is there, as after a restart. */
const afterRestart = async ({ etc }: Broken, device: string, service: string): Promise<string> => {
  const script = `${device} && ${service}; ip -br addr; ip route`;
  const prepare = 'mount -t tmpfs none /run && mkdir -p /run/systemd/netif/links /run/systemd/netif/leases';
  const { stdout, stderr } = await etc.run(['unshare', '-n', 'sh', '-c', script], {}, prepare);
  return stdout + stderr;
};

describe.skipIf(!existsSync(NETWORKD))('on a host with systemd-networkd', () => {
  /** Without udev it takes devices as they are: /sys is read-only, as in a container. */
  const service = `mount -t sysfs -o ro none /sys && { timeout 5 ${NETWORKD} >/dev/null 2>&1; true; }`;

  test.each([
    ['an address', 'br-no-ip', 'ip link add br0 type bridge', /br0 .* 192\.168\.0\.1\/24/],
    [
      'a route',
      'ovl-route-missing',
      'ip link add flannel.1 type vxlan id 1 local 127.0.0.1 dstport 8472 && ip addr add 192.168.10.0/32 dev flannel.1',
      /192\.168\.11\.0\/24 via 192\.168\.11\.0 dev flannel\.1/,
    ],
  ])('%s is kept in a drop-in that the service reads, and undone exactly', async (_, id, device, expected) => {
    const host = await broken(id, 'systemd/network/10-own.network', OWN);
    const before = await host.everything();
    await fixed(host);
    expect(Object.keys(await host.etc.files()).find((path) => DROP_IN.test(path))).toBeDefined();
    expect(await afterRestart(host, device, service)).toMatch(expected);
    await undone(host);
    expect(await host.everything()).toBe(before);
    expect(await afterRestart(host, device, service)).not.toMatch(expected);
  });

  test('a killed fix leaves neither file nor folder once it is undone', async () => {
    const host = await broken('br-no-ip', 'systemd/network/10-own.network', OWN);
    const before = await host.everything();
    for (const at of ['6', '7', '8']) {
      const killed = await host.etc.run([...PROGRAM, 'fix', ...host.flow, '--persist', '--apply'], {
        VETHOSCOPE_TEST_KILL_AT: at,
      });
      expect(killed.exitCode).not.toBe(EXIT.ok);
      await undone(host);
      expect(await host.everything()).toBe(before);
    }
  });
});

describe('on a host with ifupdown', () => {
  const INTERFACES = '# own\nauto lo br0\niface lo inet loopback\n\niface br0 inet manual\n    # end\n';
  const service = 'mkdir -p /etc/network/if-pre-up.d /etc/network/if-up.d && busybox ifup -a';

  test('an address is set by the stanza of its device, and undone exactly', async () => {
    const host = await broken('br-no-ip', 'network/interfaces', INTERFACES);
    const before = await host.everything();
    expect(await fixed(host)).toContain('~ file /etc/network/interfaces');
    expect(await readFile(join(host.etc.path, 'network/interfaces'), 'utf8')).toBe(
      INTERFACES.replace('manual\n', 'manual\n    up ip addr add 192.168.0.1/24 dev br0\n'),
    );
    await undone(host);
    expect(await host.everything()).toBe(before);
    await fixed(host);
    expect(await afterRestart(host, 'ip link add br0 type bridge', service)).toMatch(/br0 .* 192\.168\.0\.1\/24/);
  });

  test('a bridge that it does not set up is, and one that it does is kept already', async () => {
    const host = await broken('br-down', 'network/interfaces', INTERFACES.replace('lo br0', 'lo'));
    const before = await host.everything();
    expect(await fixed(host)).toMatch(/adds +auto br0\n/);
    await undone(host);
    expect(await host.everything()).toBe(before);
    await host.etc.put('network/interfaces', INTERFACES);
    expect(await fixed(host)).toContain('kept already: link br0: /etc/network/interfaces: ifupdown sets br0 up');
    await undone(host);
  });
});

describe('on a host with netplan', () => {
  test('an address is kept in a file of ours that root alone can read, and undone exactly', async () => {
    const host = await broken(
      'br-no-ip',
      'netplan/01-own.yaml',
      'network: {version: 2, bridges: {br0: {dhcp4: no}}}\n',
    );
    const before = await host.everything();
    await fixed(host);
    const [[path, text] = ['', '']] = Object.entries(await host.etc.files()).filter(([name]) =>
      name.includes('vethoscope'),
    );
    expect(path).toMatch(/^netplan\/99-vethoscope-\w+\.yaml$/);
    expect(text.slice(0, 4)).toBe('600 ');
    expect(parse(text.slice(4))).toEqual({
      network: { version: 2, bridges: { br0: { addresses: ['192.168.0.1/24'] } } },
    });
    await undone(host);
    expect(await host.everything()).toBe(before);
  });
});

test.each([
  [
    'a host that uses none of them',
    'hostname',
    'host\n',
    'this host uses neither netplan, systemd-networkd nor ifupdown',
  ],
  [
    'a host whose settings do not define the bridge',
    'network/interfaces',
    'auto lo\n',
    'no settings of ifupdown define br0',
  ],
])('%s is told so, and nothing is changed', async (_, path, text, words) => {
  const host = await broken('br-no-ip', path, text);
  const before = await host.everything();
  const refused = await host.etc.vethoscope('fix', ...host.flow, '--persist', '--apply');
  expect(refused.exitCode, refused.stdout).toBe(EXIT.usage);
  expect(refused.stderr.replace(/\s+/g, ' ')).toContain(words);
  expect(await host.everything()).toBe(before);
});
