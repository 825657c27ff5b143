import type { CommandResult } from '../host/run-command.js';
import type { Lab } from '../lab/lab.js';
import type { ScenarioStep } from '../model/scenario.js';

const TIMEOUT_MS = 15_000;

/** `timeout` leads a group of its own: when it is told to end, which happens when we are killed, all of it ends. */
const AS_GROUP = ['timeout', `${TIMEOUT_MS / 1000}`, 'sh', '-c'] as const;

/** Seconds after which traffic ends by itself. */
const TRAFFIC_SECONDS = '20';

/** Time for a capture to listen before the traffic begins. */
const HEAD_START_SECONDS = '0.3';

/** Runs the command of a step to its end, with the traffic of the container beside it. */
export const runStep = async (
  lab: Lab,
  { command = 'true', netns, traffic }: ScenarioStep,
  signal?: AbortSignal,
): Promise<CommandResult> => {
  const sender =
    traffic === undefined
      ? null
      : lab.start(
          ['timeout', TRAFFIC_SECONDS, 'sh', '-c', `sleep ${HEAD_START_SECONDS}; ${traffic}`],
          lab.topology.target,
        );
  try {
    return await lab.exec([...AS_GROUP, command], { netns, timeoutMs: TIMEOUT_MS, signal });
  } finally {
    sender?.killGroup('SIGTERM');
    await sender?.ended;
  }
};
