import { containerd, nerdctl } from './containerd.js';
import { cri, pod } from './cri.js';
import { docker } from './docker.js';
import { lxc, nspawn } from './machines.js';
import { podman } from './podman.js';
import type { Runtime } from './runtime.js';

export {
  NOTHING,
  type Runtime,
  type RuntimeAnswer,
  type RuntimeContainer,
  type RuntimeName,
  type RuntimeNetwork,
  type RuntimeOptions,
} from './runtime.js';

/** Every runtime that a bare name is looked up in. The first to name a container names it best. */
export const runtimes: readonly Runtime[] = [docker, podman, nerdctl, cri, pod, containerd, nspawn, lxc];
