import { runCommand } from '../host/run-command.js';
import type { Artifact } from '../model/artifact.js';
import type { ContainerNetwork } from '../model/container-network.js';
import type { Target } from '../model/target.js';
import { parseDockerNetworks, parsePodmanNetworks } from '../parse/network-inspect.js';
import { parseArtifact } from './run-artifact.js';

const PARSERS = { docker: parseDockerNetworks, podman: parsePodmanNetworks } as const;

/** Networks that are no network: their container has none of its own. */
const PSEUDO = new Set(['none', 'host']);

/** The command that reads the networks of a target; `null` where no runtime that can be asked knows any. */
export const networksCommand = ({ kind, networks = [] }: Target): readonly string[] | null => {
  const names = networks.filter((name) => !PSEUDO.has(name));
  return (kind === 'docker' || kind === 'podman') && names.length > 0
    ? [kind, 'network', 'inspect', '--', ...names]
    : null;
};

/** How the runtime configured the networks of a target; `null` where there is nobody to ask. Never rejects. */
export const collectContainerNetworks = async (
  target: Target,
  signal: AbortSignal,
): Promise<Artifact<readonly ContainerNetwork[]> | null> => {
  const command = networksCommand(target);
  if (command === null || (target.kind !== 'docker' && target.kind !== 'podman')) return null;
  const result = await runCommand(command, { signal, timeoutMs: 2000 });
  if (result.failure !== null && result.stdout.trim() === '')
    return { ok: false, reason: 'failed', message: `${command[0]} did not say`, command, ms: result.ms };
  const parse = PARSERS[target.kind];
  return parseArtifact(result, () => parse(result.stdout));
};
