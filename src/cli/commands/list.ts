import { listNamespaces } from '../../discover/list-namespaces.js';
import { EXIT } from '../../model/errors.js';
import type { ListedNetns } from '../../model/listed.js';
import { type CommandContext, jsonLine } from '../context.js';
import { table } from '../table.js';

const rows = (netns: ListedNetns): readonly (readonly string[])[] => {
  const first = [netns.target, netns.pid === null ? '-' : String(netns.pid)];
  if (netns.interfaces.length === 0) return [[...first, '-', '-', '-', '-']];
  return netns.interfaces.map((entry, index) => [
    ...(index === 0 ? first : ['', '']),
    entry.ifname,
    entry.addresses.join(' ') || '-',
    entry.veth ?? '-',
    entry.bridge ?? '-',
  ]);
};

/** Lists what can be traced here. */
export const list = async (context: CommandContext): Promise<number> => {
  const found = await listNamespaces({ signal: context.signal });
  if (context.display.format !== 'text') context.out(jsonLine({ namespaces: found }));
  else if (found.length === 0) context.out('no network namespace here beside the host\n');
  else context.out(table(['target', 'pid', 'device', 'address', 'veth', 'bridge'], found.flatMap(rows)));
  return EXIT.ok;
};
