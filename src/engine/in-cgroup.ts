import { controlGroupOf } from '../host/control-group.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { Target } from '../model/target.js';

/**
 * The control group from which a probe is to be sent: that of the target's process.
 * @throws KnownError where the target is no process, or its group cannot be entered from here
 */
export const senderGroup = ({ pid, spelled }: Target): string => {
  if (pid === null)
    throw new KnownError(`${JSON.stringify(spelled)} is a namespace, not a process: it has no control group`, {
      exitCode: EXIT.usage,
      hint: 'name a container or a PID: vethoscope list',
    });
  const folder = controlGroupOf(pid);
  if (folder === null)
    throw new KnownError(`process ${pid} has no control group of version 2 that is mounted here`, {
      exitCode: EXIT.usage,
      hint: `see /proc/${pid}/cgroup and: findmnt -t cgroup2`,
    });
  return folder;
};
