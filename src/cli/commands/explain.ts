import { EXIT, KnownError } from '../../model/errors.js';
import { type CommandContext, jsonLine } from '../context.js';
import { findPage, type Page, pages } from '../pages.js';
import { usableScenarios } from '../scenarios.js';
import { table } from '../table.js';
import { wrapped } from '../wrap.js';

const bullets = (items: readonly string[], width: number): string =>
  items.map((item) => wrapped(item, width, '  - ', '    ')).join('');

const pageText = ({ meta, page }: Page, scenarios: readonly string[], terminalWidth: number): string => {
  const width = Math.min(terminalWidth, 80);
  const section = (title: string, text: string): string => `\n${title}\n${wrapped(text, width, '  ', '  ')}`;
  return [
    `${meta.code} ${meta.id}\n`,
    wrapped(page.meaning, width, '', ''),
    section("the packet's path", page.path),
    section('how it is decided', page.decided),
    `\nsee it by hand\n${page.byHand.map((command) => `  ${command}\n`).join('')}`,
    `\nwhere it comes from\n${bullets(page.origins, width)}`,
    `\nhow to mend it\n${bullets(page.fixes, width)}`,
    section('how to prevent it', page.prevention),
    page.lab === null
      ? section('see it found', 'no fault of the lab shows it; the check is tested on composed evidence')
      : `\nsee it found\n  vethoscope lab run ${page.lab}\n`,
    ...(meta.covers.length > 1 ? [section('covers', meta.covers.join(', '))] : []),
    ...(meta.references.length > 0 ? [`\nreferences\n${meta.references.map((url) => `  ${url}\n`).join('')}`] : []),
    ...(scenarios.length > 0 ? ['\n', ...scenarios.map((id) => `try it: vethoscope lab start ${id}\n`)] : []),
  ].join('');
};

const overview = (context: CommandContext): void => {
  if (context.display.format !== 'text') context.out(jsonLine({ checks: pages.map(({ meta }) => meta) }));
  else
    context.out(
      table(
        ['code', 'cause', 'what is true when it passes'],
        pages.map(({ meta }) => [meta.code, meta.id, meta.title]),
      ),
    );
};

/** Ids of the scenarios that teach a cause: the very one that was asked for, else any of its page. */
const teaching = async ({ meta }: Page, name: string): Promise<readonly string[]> => {
  const all = await usableScenarios(null);
  const about = (ids: readonly string[]) =>
    all.filter(({ teaches }) => teaches.some((id) => ids.includes(id))).map(({ id }) => id);
  const exact = about([name]);
  return exact.length > 0 ? exact : about([meta.id, ...meta.covers]);
};

/** Shows the page of a code or cause; without one, all of them by code. */
export const explain = async (context: CommandContext, [name]: readonly string[]): Promise<number> => {
  if (name === undefined) {
    overview(context);
    return EXIT.ok;
  }
  const found = findPage(name.toLowerCase());
  if (found === undefined)
    throw new KnownError(`no code or cause ${JSON.stringify(name)}`, {
      exitCode: EXIT.usage,
      hint: 'vethoscope explain lists them',
    });
  const { meta, page } = found;
  const scenarios = await teaching(found, name.toLowerCase());
  context.out(
    context.display.format === 'text'
      ? pageText(found, scenarios, context.terminal.width)
      : jsonLine({ meta, page, scenarios }),
  );
  return EXIT.ok;
};
