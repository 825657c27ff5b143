import type { RepairStep } from '../../model/repair.js';

/** A settings file with a change of ours in it, or why it cannot hold the change. */
export type Edit = { readonly text: string; readonly line: string } | { readonly because: string };

/** A file that can hold a change. */
export interface Place {
  readonly path: string;
  /** Of a new file. */
  readonly mode?: number;
  readonly edit: (text: string) => Edit;
}

/** Where a change is kept: in a file, by one that keeps it already, or not at all, and why. */
export type Choice = Place | { readonly kept: string } | { readonly because: string };

/** Lines with one more before the line at `index`. */
export const inserted = (lines: readonly string[], index: number, line: string): string =>
  [...lines.slice(0, index), line, ...lines.slice(index)].join('\n');

/** A text that ends with a line break, with one more line. */
export const appended = (text: string, line: string): string =>
  `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`;

/** Value after an option of a command. */
export const optionOf = (step: RepairStep, option: string): string | null => {
  const at = step.inner.indexOf(option);
  return at < 0 ? null : (step.inner[at + 1] ?? null);
};
