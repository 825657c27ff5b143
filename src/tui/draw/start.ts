import type { Glyphs } from '../theme.js';
import { BLANK, filled, type Line, line, span } from './line.js';
import { windowed } from './places.js';

/** One container, as the picker shows it. */
export interface Choice {
  /** What `trace` takes as a target. */
  readonly target: string;
  readonly name: string;
  readonly pid: number | null;
  readonly netns: string;
  readonly addresses: readonly string[];
  readonly bridge: readonly string[];
}

/** One destination that is offered; all of them belong to this host or are the container's own. */
export interface Destination {
  readonly text: string;
  readonly why: string;
}

/** Containers whose row has the typed text. */
export const matching = (choices: readonly Choice[], filter: string): readonly Choice[] => {
  const wanted = filter.toLowerCase();
  return choices.filter(({ name, pid, netns, addresses, bridge }) =>
    [name, pid ?? '', netns, ...addresses, ...bridge].join(' ').toLowerCase().includes(wanted),
  );
};

const choiceText = ({ name, pid, netns, addresses, bridge }: Choice, columns: number): string =>
  [
    filled(name, 20),
    filled(pid === null ? '-' : `${pid}`, 8),
    filled(netns, 20),
    filled(addresses.join(' ') || '-', Math.max(columns - 66, 12)),
    filled(bridge.join(' ') || '-', 12),
  ].join(' ');

export const CHOICE_HEAD = (columns: number): Line =>
  line(
    `  ${[filled('container', 20), filled('pid', 8), filled('netns', 20), filled('address', Math.max(columns - 66, 12)), 'bridge'].join(' ')}`,
    'faint',
  );

const marked = (rows: readonly string[], cursor: number, height: number, glyphs: Glyphs): readonly Line[] => {
  const { rows: visible, start } = windowed(rows, cursor, height);
  return visible.map((text, index) => {
    const chosen = start + index === cursor;
    return [span(chosen ? `${glyphs.request} ` : '  ', 'info'), span(text, chosen ? 'selected' : 'plain')];
  });
};

export const choiceLines = (
  choices: readonly Choice[] | null,
  cursor: number,
  columns: number,
  height: number,
  glyphs: Glyphs,
): readonly Line[] => {
  if (choices === null) return [line('  looking for containers ...', 'faint')];
  if (choices.length === 0) return [line('  none', 'faint')];
  return [
    CHOICE_HEAD(columns),
    ...marked(
      choices.map((choice) => choiceText(choice, columns)),
      cursor,
      height - 1,
      glyphs,
    ),
  ];
};

export const destinationLines = (
  offered: readonly Destination[],
  cursor: number,
  height: number,
  glyphs: Glyphs,
): readonly Line[] => [
  line('  type an address, a name, tcp://address:port, or choose:', 'faint'),
  BLANK,
  ...marked(
    offered.map(({ text, why }) => `${filled(text, 30)} ${why}`),
    cursor,
    height - 2,
    glyphs,
  ),
];
