import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { managersOf, readDeviceManagers } from '../../../src/collect/device-managers.js';
import { recorded } from '../../helpers/evidence.js';

const [link] = (() => {
  const links = recorded('nf-forward-policy-drop').before['host']?.links;
  return links?.ok ? links.value : [];
})();

test('the state files of networkd and NetworkManager tell which devices they look after, by their index', async () => {
  if (!link) throw new Error('no link was recorded');
  const root = await mkdtemp(join(tmpdir(), 'vethoscope-managers-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const folder = (name: string) => mkdir(join(root, name), { recursive: true });
  await folder('run/systemd/netif/links');
  await folder('run/NetworkManager/devices');
  await writeFile(join(root, 'run/systemd/netif/links/2'), 'ADMIN_STATE=configured\nOPER_STATE=routable\n');
  await writeFile(join(root, 'run/systemd/netif/links/3'), 'ADMIN_STATE=unmanaged\n');
  await writeFile(join(root, 'run/NetworkManager/devices/3'), '[device]\nmanaged=true\n');
  await writeFile(join(root, 'run/NetworkManager/devices/4'), '[device]\nmanaged=false\n');
  const named = (ifname: string, ifindex: number) => ({ ...link, ifname, ifindex });
  expect(await managersOf([named('eth0', 2), named('eth1', 3), named('eth2', 4), named('eth3', 5)], root)).toEqual([
    { device: 'eth0', manager: 'systemd-networkd' },
    { device: 'eth1', manager: 'NetworkManager' },
  ]);
});

test('without systemd as the first process nobody is said to look after a device', async () => {
  expect(await readDeviceManagers([])).toEqual([]);
});
