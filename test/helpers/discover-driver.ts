import {
  discoverTopology,
  listContainers,
  parseDestination,
  resolveDestination,
  resolveTarget,
} from '../../src/discover/index.js';
import { KnownError } from '../../src/model/errors.js';

/** Runs one function of discovery in the namespaces of this process and prints what it answers as JSON. */
const [action, target = '', destination = '', source] = process.argv.slice(2);

const act = async (): Promise<unknown> => {
  if (action === 'list') return (await listContainers()).rows;
  const resolved = await resolveTarget(target);
  if (action === 'target') return resolved;
  if (action === 'resolve') {
    const { netnsPath: path, name } = resolved;
    const resolvConf = { nameservers: (source ?? '').split(','), search: ['example.test'], options: [] };
    return resolveDestination(destination, {
      netns: { id: 'target', name, path, inode: 0 },
      resolvConf,
      timeoutMs: 4000,
    });
  }
  const { text, host, family, protocol, port } = parseDestination(destination);
  const { path, flow, netns } = await discoverTopology(resolved, {
    family: family ?? 4,
    protocol,
    destination: host,
    destinationText: text,
    port,
    source: source ?? null,
    mark: 0,
  });
  return { path, flow, netns };
};

try {
  process.stdout.write(JSON.stringify(await act()));
} catch (error) {
  if (!(error instanceof KnownError)) throw error;
  process.stdout.write(JSON.stringify({ message: error.message, hint: error.hint, exitCode: error.exitCode }));
}
