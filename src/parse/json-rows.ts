import type { z } from 'zod';
import { ParseError } from './parse-error.js';

/**
 * Rows of a tool's JSON list (`ip -j`, `bridge -j`, `tc -j`), each checked against `row`. Empty output is an empty list,
 * and so are the empty objects that iproute2 leaves where it filtered a row out.
 * @param plain gives the same as `row` for the rows that most are like, or `null`: it is for lists of thousands
 * @throws ParseError when the text is no JSON list or a row has another shape
 */
export const parseJsonRows = <S extends z.ZodType>(
  tool: string,
  text: string,
  row: S,
  plain: (item: unknown) => z.output<S> | null = () => null,
): z.output<S>[] => {
  if (text.trim() === '') return [];
  const list = parseJson(tool, text);
  if (!Array.isArray(list)) throw new ParseError(tool, 1, 'not a JSON list');
  const jitless = list.length < WORTH_COMPILING;
  return list
    .filter((item) => !isEmptyObject(item))
    .map((item, index) => plain(item) ?? checkRow(tool, item, index, row, jitless));
};

/** Rows from which on it pays to have zod compile their schema, which takes some milliseconds. */
const WORTH_COMPILING = 200;

/** JSON of a tool. iproute2 prints the control characters of an interface name raw, which JSON does not allow. */
export const parseJson = (tool: string, text: string): unknown => {
  const escaped = text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, (char) => `\\u${hex4(char)}`);
  try {
    return JSON.parse(escaped);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const position = /at position (\d+)/.exec(reason)?.[1];
    const line = escaped.slice(0, position === undefined ? undefined : Number(position)).split('\n').length;
    throw new ParseError(tool, line, `no valid JSON (${reason})`);
  }
};

const hex4 = (char: string): string => char.charCodeAt(0).toString(16).padStart(4, '0');

const isEmptyObject = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  for (const _ in value) return false;
  return true;
};

const checkRow = <S extends z.ZodType>(
  tool: string,
  item: unknown,
  index: number,
  row: S,
  jitless: boolean,
): z.output<S> => {
  const checked = row.safeParse(item, { jitless });
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  throw new ParseError(tool, null, `row ${index + 1}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
};
