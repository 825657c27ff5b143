import { type ContainerRow, listContainers } from '../../discover/index.js';
import { EXIT } from '../../model/errors.js';
import { type CommandContext, jsonLine } from '../context.js';
import { table } from '../table.js';

const orDash = (words: readonly string[]): string => words.join(' ') || '-';

/** What `trace` takes: a name, or the PID where the name is but the process's command. */
const targetOf = ({ name, command, pid, runtime }: ContainerRow): string =>
  runtime === null && name === command && pid !== null ? `pid:${pid}` : name;

const networkOf = ({ name, driver }: ContainerRow['networks'][number]): string =>
  driver === null || driver === name ? name : `${name}(${driver})`;

const COLUMNS: readonly (readonly [string, (row: ContainerRow) => string])[] = [
  ['target', targetOf],
  ['runtime', ({ runtime, status }) => (status === 'paused' ? `${runtime} (paused)` : (runtime ?? '-'))],
  ['pid', ({ pid }) => (pid === null ? '-' : String(pid))],
  ['netns', ({ netns }) => netns],
  ['network', ({ networks }) => orDash(networks.map(networkOf))],
  ['address', ({ addresses }) => orDash(addresses)],
  ['ports', ({ ports }) => orDash(ports)],
  ['veth', ({ veth }) => orDash(veth)],
  ['bridge', ({ bridge }) => orDash(bridge)],
  ['service', ({ service }) => service ?? '-'],
  ['shared with', ({ sharedWith }) => orDash(sharedWith)],
];

/** Columns that no row fills are left out, beside these. */
const ALWAYS = new Set(['target', 'pid', 'netns', 'address', 'veth', 'bridge']);

const draw = (rows: readonly ContainerRow[]): string => {
  const columns = COLUMNS.map(([heading, cell]) => ({ heading, cells: rows.map(cell) })).filter(
    ({ heading, cells }) => ALWAYS.has(heading) || cells.some((cell) => cell !== '-'),
  );
  return table(
    columns.map(({ heading }) => heading),
    rows.map((_, index) => columns.map(({ cells }) => cells[index] ?? '-')),
  );
};

/** Lists what can be traced here. */
export const list = async (context: CommandContext): Promise<number> => {
  const { rows, troubles, onHost } = await listContainers({ signal: context.signal });
  for (const trouble of troubles) context.note(`note: ${trouble}`);
  if (context.display.format !== 'text') {
    context.out(jsonLine({ containers: rows, onHost }));
    return EXIT.ok;
  }
  context.out(rows.length === 0 ? 'no network namespace here beside the host\n' : draw(rows));
  if (onHost.length > 0) context.out(`in the host's own network, nothing to trace: ${onHost.join(' ')}\n`);
  return EXIT.ok;
};
