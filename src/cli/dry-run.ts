import type { RunEvent } from '../model/run.js';
import { shellWords } from './shell-words.js';
import { table } from './table.js';

type Event<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

/** What a dry run found and would do. */
export interface Plan {
  readonly path: Event<'path'>['path'] | null;
  readonly flow: Event<'path'>['flow'] | null;
  readonly commands: readonly { readonly what: string; readonly command: readonly string[] }[];
}

export const planOf = (events: readonly RunEvent[]): Plan => {
  const found = events.find((event) => event.type === 'path');
  return {
    path: found?.path ?? null,
    flow: found?.flow ?? null,
    commands: events.flatMap((event) =>
      event.type === 'announce' ? [{ what: event.what, command: event.command }] : [],
    ),
  };
};

/** The plan for a person: the hops, the links between them, and every command that a trace would run. */
export const planText = ({ path, flow, commands }: Plan): string => {
  const sections: string[] = [];
  if (flow)
    sections.push(
      `${flow.kind} ${flow.protocol} from ${flow.source ?? 'no address'} to ${flow.destination}${flow.port === null ? '' : ` port ${flow.port}`}\n`,
    );
  if (path) {
    const hops = path.hops.map((hop) => [
      hop.id,
      hop.role,
      hop.netns,
      hop.ifname ?? '-',
      hop.captured ? 'captured' : (hop.note ?? ''),
    ]);
    sections.push(table(['hop', 'role', 'netns', 'device', ''], hops));
    sections.push(
      table(
        ['link', 'stages'],
        path.links.map((link) => [link.id, link.stages.join(', ')]),
      ),
    );
    if (path.notes.length > 0) sections.push(path.notes.map((note) => `note: ${note}\n`).join(''));
  }
  sections.push(commands.map(({ what, command }) => `# ${what}\n${shellWords(command)}\n`).join(''));
  return `${sections.join('\n')}\nnothing was run: this was a dry run\n`;
};
