import { constants } from 'node:fs';
import { access, open } from 'node:fs/promises';
import { join } from 'node:path';
import { holdChild } from './attached.js';

/** Why the kernel's events cannot be had, in words for a person. */
export class TracefsUnavailable extends Error {
  override readonly name = 'TracefsUnavailable';
}

/** The tracing folder, as a path that this process can use until it closes it. */
export interface Tracefs {
  readonly path: string;
  close(): Promise<void>;
}

const PLACES = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'];
const MOUNT = 'mount -t tracefs tracefs /sys/kernel/tracing && echo mounted && exec cat >/dev/null';

/**
 * Finds the tracing folder. Where it is not mounted, as in a child of `ip netns exec` or in a container, it is mounted in
 * the mount namespace of a short-lived child, where nobody else sees it: the folder that we hold open stays usable when
 * the child and its namespace are gone.
 * @throws TracefsUnavailable when it can neither be found nor mounted
 */
export const openTracefs = async (): Promise<Tracefs> => {
  for (const path of PLACES) if (await hasInstances(path)) return { path, close: async () => undefined };
  try {
    const child = await holdChild(['unshare', '--mount', '--propagation', 'private', 'sh', '-c', MOUNT], {
      lasting: false,
    });
    const folder = await open(
      `/proc/${child.pid}/root${PLACES[0]}`,
      constants.O_RDONLY | constants.O_DIRECTORY,
    ).finally(child.release);
    return { path: `/proc/self/fd/${folder.fd}`, close: () => folder.close() };
  } catch (error) {
    const [words = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new TracefsUnavailable(`tracefs is not mounted and cannot be: ${words}`, { cause: error });
  }
};

const hasInstances = (path: string): Promise<boolean> =>
  access(join(path, 'instances')).then(
    () => true,
    () => false,
  );
