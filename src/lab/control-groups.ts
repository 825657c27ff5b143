import { setTimeout as sleep } from 'node:timers/promises';
import { removeControlGroup, topControlGroups } from '../host/control-group.js';
import { processStartTime } from '../host/processes.js';

const NAME = /^vethoscope-lab-(\d+)$/;

/** Shell text: a control group of the lab, named after its holder. @see control-groups.ts, removeControlGroups */
export const LAB_GROUP =
  '"$(awk \'$3 == "cgroup2" { print $2; exit }\' /proc/mounts)/vethoscope-lab-$(cat /run/holder.pid)"';

const TRIES = 20;
const PAUSE_MS = 10;

/**
 * Removes the control groups of labs whose holder has ended: control groups are the one thing of a lab that its namespaces do
 * not take with them. A program of BPF that is attached to one goes with it. Never rejects: what cannot be removed, stays.
 */
export const removeControlGroups = async (): Promise<void> => {
  for (const name of await topControlGroups()) {
    const holder = NAME.exec(name)?.[1];
    if (holder !== undefined && (await processStartTime(Number(holder))) === null) await remove(name);
  }
};

/** A process that was just killed keeps its group for a moment. */
const remove = async (name: string): Promise<void> => {
  for (let tries = 0; tries < TRIES && !(await removeControlGroup(name)); tries += 1) await sleep(PAUSE_MS);
};
