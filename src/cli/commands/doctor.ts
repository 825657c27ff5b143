import { EXIT } from '../../model/errors.js';
import { type CommandContext, jsonLine } from '../context.js';
import { type Examination, examineHost } from '../examine-host.js';
import { table } from '../table.js';

const report = ({ kernel, privileges, tools, tracefs, backends, install }: Examination): string =>
  [
    `kernel ${kernel}, ${privileges.uid === 0 ? 'root' : `user ${privileges.uid}`}\n`,
    table(
      ['program', 'version', ''],
      tools.map((tool) => [tool.name, tool.version ?? 'missing', tool.path === null ? tool.costs : '']),
    ),
    table(
      ['back-end', '', ''],
      backends.map((backend) => [backend.name, backend.usable ? 'readable' : 'not readable', backend.detail]),
    ),
    table(
      ['privilege', '', ''],
      privileges.capabilities.map(({ name, held, unlocks }) => [name, held ? 'yes' : 'no', unlocks]),
    ),
    `tracefs: ${tracefs.usable ? 'usable: the kernel names its own drops' : `${tracefs.detail}: the kernel's drop reasons are not read`}\n`,
    ...(install === null ? [] : [`to install what is missing: sudo ${install}\n`]),
  ].join('\n');

/** Shows what this host offers, and what each missing thing costs. */
export const doctor = async (context: CommandContext): Promise<number> => {
  const found = await examineHost(context.signal);
  context.out(context.display.format === 'text' ? report(found) : jsonLine(found));
  if (found.tools.some((tool) => tool.needed && tool.path === null)) return EXIT.missingProgram;
  return found.privileges.capabilities.every(({ held }) => held) ? EXIT.ok : EXIT.noPrivilege;
};
