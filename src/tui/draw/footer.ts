import type { Binding } from '../keymap.js';
import type { TraceState } from '../store/trace-state.js';
import type { Glyphs } from '../theme.js';
import { columnsOf, type Line, line, type Span, span } from './line.js';

const size = (bytes: number): string => (bytes < 1024 ? `${bytes} B` : `${Math.round(bytes / 1024)} KiB`);

export interface FooterFacts {
  readonly state: TraceState;
  readonly now: number;
  /** Milliseconds after which the trace ends by itself. */
  readonly limitMs: number;
  /** What a key has just done; stands in place of the figures. */
  readonly notice: string | null;
}

/** Changes made, captures and what they lost, and when it stops by itself. */
export const figuresLine = ({ state, now, limitMs, notice }: FooterFacts, columns: number, glyphs: Glyphs): Line => {
  if (notice !== null) return line(` ${notice}`, 'info');
  const dot = ` ${glyphs.dot} `;
  const changes = state.run?.run.changesMade ?? 0;
  const hops = state.run?.path.hops.filter(({ captured }) => captured) ?? [];
  const planned = state.path?.hops.filter(({ captured }) => captured).length ?? 0;
  const lost = hops.reduce((sum, { captureDropped }) => sum + (captureDropped ?? 0), 0);
  const running = state.status === 'running';
  const captures = running ? `${planned} captures` : `${planned} captures ended, ${lost} lost by kernel`;
  const left = Math.max(0, Math.ceil((state.startedAt + limitMs - now) / 1000));
  const end = running ? `${dot}stops by itself in ${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}` : '';
  const changed = columns >= 100 ? `${changes} changes made to this host` : `${changes} changes made`;
  return [
    span(` ${changed}`, changes === 0 ? 'ok' : 'warn'),
    span(`${dot}${captures}`, lost === 0 ? 'plain' : 'warn'),
    span(`${dot}${size(state.bytes)}${end}`),
  ];
};

const KEY_NAMES: Readonly<Record<string, string>> = {
  escape: 'esc',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  return: 'enter',
};

export const keyLabel = (name: string, glyphs: Glyphs): string => {
  if (name === 'up') return glyphs.arrows.slice(0, Math.max(1, glyphs.arrows.indexOf('/')));
  if (name === 'down') return glyphs.arrows.includes('/') ? 'down' : (glyphs.arrows[1] ?? 'down');
  return KEY_NAMES[name] ?? name;
};

/** The keys that the footer names, over as many rows as there are; generated from the keymap. */
export const keysLines = (
  keymap: readonly Binding<string>[],
  columns: number,
  rows: number,
  glyphs: Glyphs,
): readonly Line[] => {
  const lines: Span[][] = Array.from({ length: rows }, () => [span(' ')]);
  let row = 0;
  let used = 1;
  for (const { keys, footer } of keymap) {
    const [key] = keys;
    if (footer === undefined || key === undefined) continue;
    const name = key === 'down' ? glyphs.arrows : keyLabel(key, glyphs);
    const needed = columnsOf(name) + columnsOf(footer) + 3;
    if (used + needed > columns + 2) {
      row += 1;
      used = 1;
    }
    lines[row]?.push(span(name, 'strong'), span(` ${footer}  `));
    used += needed;
  }
  return lines;
};
