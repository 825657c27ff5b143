import type { CommandResult } from '../host/run-command.js';
import type { Lab } from '../lab/lab.js';
import type { ScenarioStep } from '../model/scenario.js';

const TIMEOUT_MS = 15_000;

/** Seconds after which traffic ends by itself. */
const TRAFFIC_SECONDS = '20';

/** Time for a capture to listen before the traffic begins. */
const HEAD_START_SECONDS = '0.3';

/** Runs the command of a step to its end, with the traffic of the container beside it. */
export const runStep = async (lab: Lab, { command, netns, traffic }: ScenarioStep): Promise<CommandResult> => {
  const sender =
    traffic === undefined
      ? null
      : lab.start(
          ['timeout', TRAFFIC_SECONDS, 'sh', '-c', `sleep ${HEAD_START_SECONDS}; ${traffic}`],
          lab.topology.target,
        );
  try {
    return await lab.exec(command ?? 'true', { netns, timeoutMs: TIMEOUT_MS });
  } finally {
    sender?.killGroup('SIGTERM');
    await sender?.ended;
  }
};
