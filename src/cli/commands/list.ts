import { type ContainerRow, listContainers } from '../../discover/index.js';
import { EXIT } from '../../model/errors.js';
import { type CommandContext, jsonLine } from '../context.js';
import { table } from '../table.js';

const orDash = (words: readonly string[]): string => words.join(' ') || '-';

const row = (container: ContainerRow): readonly string[] => [
  container.name,
  container.pid === null ? '-' : String(container.pid),
  container.netns,
  orDash(container.addresses),
  orDash(container.veth),
  orDash(container.bridge),
];

/** Lists what can be traced here. */
export const list = async (context: CommandContext): Promise<number> => {
  const containers = await listContainers({ signal: context.signal });
  if (context.display.format !== 'text') context.out(jsonLine({ containers }));
  else if (containers.length === 0) context.out('no network namespace here beside the host\n');
  else context.out(table(['target', 'pid', 'netns', 'address', 'veth', 'bridge'], containers.map(row)));
  return EXIT.ok;
};
