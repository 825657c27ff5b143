import { processFile } from '../host/processes.js';
import type { Flow } from '../model/flow.js';
import type { ProcessContext } from '../model/process-context.js';
import { parseProcessStatus } from '../parse/process-status.js';
import { parseProxyEnvironment } from '../parse/proxy-environment.js';

/** The host that a URL or `host:port` names. */
const hostIn = (text: string): string =>
  text
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/[/?#].*$/, '')
    .replace(/^.*@/, '')
    .replace(/:\d+$/, '');

/** What decides about the traffic of a process alone; `null` where there is none, or it may not be looked at. */
export const readProcessContext = async (
  pid: number | null,
  { destination, destinationText }: Pick<Flow, 'destination' | 'destinationText'>,
): Promise<ProcessContext | null> => {
  if (pid === null) return null;
  const [status, environment] = await Promise.all([processFile(pid, 'status'), processFile(pid, 'environ')]);
  if (status === null) return null;
  const names = [destination, hostIn(destinationText)];
  return {
    pid,
    ...parseProcessStatus(status),
    ...(environment === null ? {} : parseProxyEnvironment(environment, { names })),
  };
};
