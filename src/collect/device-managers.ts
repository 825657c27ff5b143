import { readTextFile } from '../host/files.js';
import { processName } from '../host/proc.js';
import { netNamespaceOf } from '../host/processes.js';
import type { DeviceManager } from '../model/device-manager.js';
import type { LinkState } from '../model/state.js';

const LARGEST = 64 * 1024;

/** Where each manager keeps a file for a device that it looks after, and what the file says of one that it does. */
const MANAGERS = [
  { manager: 'systemd-networkd', file: '/run/systemd/netif/links/', isManaged: /^ADMIN_STATE=(?!unmanaged)\w+$/m },
  { manager: 'NetworkManager', file: '/run/NetworkManager/devices/', isManaged: /^managed=true$/m },
] as const;

/**
 * Which network manager looks after which device of this host. None where this is not the namespace of systemd, whose
 * files go by the index of a device. Never rejects.
 * @see networkd's and NetworkManager's state files under /run
 */
export const readDeviceManagers = async (links: readonly LinkState[]): Promise<readonly DeviceManager[]> => {
  const [own, first] = await Promise.all([netNamespaceOf('self'), netNamespaceOf(1)]);
  return own === null || own !== first || processName(1) !== 'systemd' ? [] : managersOf(links);
};

/** @param root folder in which the files are looked for, in place of `/` */
export const managersOf = async (links: readonly LinkState[], root = ''): Promise<readonly DeviceManager[]> => {
  const asked = links.flatMap(({ ifname, ifindex }) => MANAGERS.map((one) => ({ ...one, ifname, ifindex })));
  const found = await Promise.all(
    asked.map(async ({ manager, file, isManaged, ifname, ifindex }) => {
      const text = await readTextFile(`${root}${file}${ifindex}`, LARGEST).catch(() => '');
      return isManaged.test(text) ? [{ device: ifname, manager }] : [];
    }),
  );
  return found.flat();
};
