import { readContainerFile } from '../host/container-file.js';
import { parseResolvConf } from '../parse/resolv-conf.js';
import type { Collector } from './collector.js';

const FILE = '/etc/resolv.conf';

/** The container's own resolver settings, read inside the root of its process. */
export const resolvConf: Collector<'resolvConf'> = {
  artifact: 'resolvConf',
  commands: (_netns, { pid }) => (pid == null ? [] : [['cat', `/proc/${pid}/root${FILE}`]]),
  collect: async (_netns, { pid }) => {
    const started = performance.now();
    if (pid == null) {
      return { ok: false, reason: 'not-collected', message: 'no process in the namespace', command: [], ms: 0 };
    }
    const command = ['cat', `/proc/${pid}/root${FILE}`];
    const read = await readContainerFile(`/proc/${pid}/root`, FILE);
    const ms = performance.now() - started;
    return read.ok
      ? { ok: true, value: parseResolvConf(read.text), command, ms }
      : { ok: false, reason: read.reason, message: read.message, command, ms };
  },
};
