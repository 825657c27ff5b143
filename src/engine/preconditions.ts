import { processExists } from '../host/proc.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { CaptureReport } from '../model/packet.js';
import type { ProbeResult } from '../model/probe.js';
import type { Target } from '../model/target.js';
import { withoutCaptures } from './limits.js';

/** @throws KnownError when the probe could not run: its program is missing, the container has ended, its port is taken */
export const requireRunnable = (target: Target, result: ProbeResult): void => {
  if (target.pid !== null && !processExists(target.pid))
    throw new KnownError(`${whoEnded(target)} ended during the trace`, {
      exitCode: EXIT.inconclusive,
      hint: 'start the container again, and see: vethoscope list',
    });
  if (result.localError === 'Address already in use')
    throw new KnownError('the port that the probe was to be sent from is taken there', {
      exitCode: EXIT.usage,
      hint: 'stop the client for as long as the trace, or choose another --source-port',
    });
  if (result.failure !== null && /not installed/.test(result.failure))
    throw new KnownError(result.failure, {
      exitCode: EXIT.missingProgram,
      hint: 'apt-get install iputils-ping util-linux',
    });
};

const whoEnded = ({ kind, name, pid }: Target): string =>
  kind === 'pid' || kind === 'path' ? `process ${pid}` : `container ${name} (process ${pid})`;

/** @throws KnownError when no capture could run because tcpdump is missing, where nothing else shows what is asked for */
export const requireTcpdump = (reports: readonly CaptureReport[]): void => {
  const none = withoutCaptures(reports);
  if (none === null) return;
  throw new KnownError(reports[0]?.error ?? 'tcpdump is not installed', {
    exitCode: EXIT.missingProgram,
    hint: none.install ?? 'apt-get install tcpdump',
  });
};
