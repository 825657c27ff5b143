import { pathExists } from '../../host/proc.js';
import { runCommand } from '../../host/run-command.js';
import type { Runtime, RuntimeContainer, RuntimeOptions } from './runtime.js';

/** Only these fields are read: a whole inspection would hold environment variables and labels. */
const FORMAT = '{{.Name}}|{{.State.Pid}}|{{.State.Running}}';

/** A client that has nothing to talk to takes 40 ms to say so. */
const mayAnswer = (): boolean => {
  const { DOCKER_HOST, DOCKER_CONTEXT, HOME, XDG_RUNTIME_DIR } = process.env;
  return (
    DOCKER_HOST !== undefined ||
    DOCKER_CONTEXT !== undefined ||
    pathExists('/run/docker.sock') ||
    pathExists('/var/run/docker.sock') ||
    pathExists(`${XDG_RUNTIME_DIR ?? '/nonexistent'}/docker.sock`) ||
    pathExists(`${HOME ?? '/root'}/.docker/contexts`)
  );
};

const inspect = async (names: readonly string[], options: RuntimeOptions): Promise<RuntimeContainer[]> => {
  const result = await runCommand(['docker', 'inspect', '--type', 'container', '--format', FORMAT, '--', ...names], {
    signal: options.signal,
    timeoutMs: options.timeoutMs ?? 2000,
  });
  return result.stdout.split('\n').flatMap((line) => {
    const match = /^\/?([^|]+)\|(\d+)\|(true|false)$/.exec(line);
    if (match?.[1] === undefined) return [];
    return [{ name: match[1], pid: Number(match[2]), running: match[3] === 'true' }];
  });
};

export const docker: Runtime = {
  name: 'docker',
  find: async (name, options) => (mayAnswer() ? ((await inspect([name], options))[0] ?? null) : null),
  list: async (options) => {
    if (!mayAnswer()) return [];
    const listed = await runCommand(['docker', 'ps', '--quiet', '--no-trunc'], {
      signal: options.signal,
      timeoutMs: options.timeoutMs ?? 2000,
    });
    const ids = listed.stdout.split('\n').filter((id) => /^[0-9a-f]{12,64}$/.test(id));
    return ids.length === 0 ? [] : inspect(ids, options);
  },
};
