import type { ConntrackEntry, ConntrackTuple } from '../model/state.js';
import { ParseError } from './parse-error.js';

/**
 * Connections from `conntrack -L -o extended,id`.
 * @throws ParseError
 * @see conntrack(8)
 */
export const parseConntrack = (text: string): ConntrackEntry[] =>
  text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [parseEntry(line.trim(), index + 1)]));

const parseEntry = (text: string, line: number): ConntrackEntry => {
  const words = text.split(/\s+/);
  const [l3, , protocol] = words;
  const fields = words.slice(3);
  const tuples = splitTuples(fields);
  const [original, reply] = tuples;
  if (l3 === undefined || protocol === undefined || original === undefined || reply === undefined) {
    throw new ParseError('conntrack', line, 'not a connection');
  }
  const mark = fields.find((field) => field.startsWith('mark='))?.slice('mark='.length);
  return {
    protocol,
    state:
      fields
        .slice(
          0,
          fields.findIndex((field) => field.startsWith('src=')),
        )
        .find(isWord) ?? null,
    original: parseTuple(original, line),
    reply: parseTuple(reply, line),
    flags: fields.flatMap((field) => /^\[([A-Z_]+)\]$/.exec(field)?.[1] ?? []),
    mark: mark === undefined ? 0 : Number(mark),
    text,
  };
};

const isWord = (field: string): boolean => /^[A-Z][A-Z_0-9]*$/.test(field);

const splitTuples = (fields: readonly string[]): string[][] => {
  const tuples: string[][] = [];
  for (const field of fields) {
    if (field.startsWith('src=')) tuples.push([]);
    tuples.at(-1)?.push(field);
  }
  return tuples;
};

/** `id=` is the echo identifier only behind `type=`; elsewhere it is the identifier of the entry. */
const parseTuple = (fields: readonly string[], line: number): ConntrackTuple => {
  const value = (key: string): string | null =>
    fields.find((field) => field.startsWith(`${key}=`))?.slice(key.length + 1) ?? null;
  const src = value('src');
  const dst = value('dst');
  if (src === null || dst === null) throw new ParseError('conntrack', line, 'a direction without addresses');
  return {
    src,
    dst,
    sport: toNumber(value('sport')),
    dport: toNumber(value('dport')),
    icmpId: value('type') === null ? null : toNumber(value('id')),
  };
};

const toNumber = (text: string | null): number | null => (text === null ? null : Number(text));
