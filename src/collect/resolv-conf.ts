import { containerFile, readContainerFile } from '../host/container-file.js';
import { parseResolvConf } from '../parse/resolv-conf.js';
import type { Collector } from './collector.js';

const FILE = '/etc/resolv.conf';

/**
 * The container's own resolver settings: read inside the root of its process, or, for a namespace that has a name and no
 * process of its own, where `ip netns exec` takes them from.
 * @see ip-netns(8)
 */
export const resolvConf: Collector<'resolvConf'> = {
  artifact: 'resolvConf',
  commands: (netns, { pid }) => {
    const place = containerFile(netns, pid ?? null, FILE);
    return place === null ? [] : [['cat', `${place.root}${place.file}`]];
  },
  collect: async (netns, { pid }) => {
    const started = performance.now();
    const place = containerFile(netns, pid ?? null, FILE);
    if (place === null) {
      return { ok: false, reason: 'not-collected', message: 'no process in the namespace', command: [], ms: 0 };
    }
    const command = ['cat', `${place.root}${place.file}`];
    const read = await readContainerFile(place.root || '/', place.file);
    const ms = performance.now() - started;
    return read.ok
      ? { ok: true, value: parseResolvConf(read.text), command, ms }
      : { ok: false, reason: read.reason, message: read.message, command, ms };
  },
};
