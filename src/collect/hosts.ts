import { containerFile, readContainerFile } from '../host/container-file.js';
import type { NetnsRef } from '../model/netns.js';
import { type HostsEntry, parseHosts } from '../parse/hosts.js';

const FILE = '/etc/hosts';

/**
 * The container's own hosts file; `null` where it cannot be read. A namespace with a name takes the host's where it has none
 * of its own.
 * @see ip-netns(8)
 */
export const readHosts = async (netns: NetnsRef, pid: number | null): Promise<readonly HostsEntry[] | null> => {
  const place = containerFile(netns, pid, FILE);
  if (place === null) return null;
  const own = await readContainerFile(place.root || '/', place.file);
  const read = own.ok || pid !== null ? own : await readContainerFile('/', FILE);
  return read.ok ? parseHosts(read.text) : null;
};
