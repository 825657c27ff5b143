import { type Document, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { nearNames } from '../model/near-names.js';
import type { Scenario } from '../model/scenario.js';
import { type Issue, judgeNames, judgeWhole } from './judge-scenario.js';
import { knownKeys } from './known-keys.js';
import { lineOf, lineOfKey, type Path, pathText } from './line-of.js';
import { scenarioSchema } from './scenario.js';

/** What is wrong with a scenario file, for one line of text. */
export interface ScenarioError {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
}

export type ParsedScenario =
  | { readonly scenario: Scenario; readonly errors: readonly [] }
  | { readonly scenario: null; readonly errors: readonly ScenarioError[] };

/** Nesting above which a file is no scenario. */
const MAX_DEPTH = 20;
const MAX_ERRORS = 50;

/** `no-masquerade.yaml:12: break[0].fault: unknown fault "x"` */
export const errorText = ({ file, line, message }: ScenarioError): string => `${file}:${line}: ${message}`;

/**
 * Reads the text of a scenario file.
 * @param causes ids that a trace can name
 * @returns the scenario, or everything that is wrong with it, by line
 */
export const parseScenario = (file: string, text: string, causes: ReadonlySet<string>): ParsedScenario => {
  const refuse = (message: string, line = 1): ParsedScenario => ({ scenario: null, errors: [{ file, line, message }] });
  const strange = strangeLine(text);
  if (strange !== null) return refuse('this is no text: it has control characters', strange);
  if (text.trim() === '') return refuse('the file is empty');
  if (tooDeep(text)) return refuse(`the file is nested more than ${MAX_DEPTH} deep`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true, merge: false });
  const problems = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    file,
    line: Math.max(lines.linePos(pos[0]).line, 1),
    message: oneLine(message),
  }));
  if (problems.length > 0) return { scenario: null, errors: inOrder(problems) };
  const value = plain(document);
  if (value === null) return refuse('anchors and aliases are not allowed');
  const result = scenarioSchema.safeParse(value);
  const issues = [
    ...judgeNames(value, causes),
    ...(result.success ? judgeWhole(result.data) : result.error.issues.flatMap(issuesOf)),
  ];
  if (result.success && issues.length === 0) return { scenario: { ...result.data, file }, errors: [] };
  const errors = issues.map(({ path, message, key }) => ({
    file,
    line: (key === undefined ? null : lineOfKey(document, lines, [...path, key])) ?? lineOf(document, lines, path),
    message: path.length === 0 ? message : `${pathText(path)}: ${message}`,
  }));
  return { scenario: null, errors: inOrder(errors) };
};

const inOrder = (errors: readonly ScenarioError[]): readonly ScenarioError[] =>
  errors.toSorted((one, other) => one.line - other.line).slice(0, MAX_ERRORS);

const oneLine = (text: string): string =>
  text
    .split('\n')[0]
    ?.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?')
    .slice(0, 200) ?? '';

const strangeLine = (text: string): number | null => {
  const at = text.search(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd]/);
  return at === -1 ? null : text.slice(0, at).split('\n').length;
};

/** Brackets and indents, before the parser recurses. */
const tooDeep = (text: string): boolean =>
  /[[{](?:\s*[[{]){20}/.test(text) ||
  /(?:^|\n)\s*(?:[-?:] +){20}/.test(text) ||
  /(?:^|\n)\s{60}\s*[-\w]+:\s/.test(text);

const plain = (document: Document): unknown => {
  try {
    return document.toJS({ maxAliasCount: 0 }) ?? {};
  } catch {
    return null;
  }
};

const issuesOf = (issue: z.core.$ZodIssue): readonly Issue[] => {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: issue.path, key, message: unknownKey(issue.path, key) }));
  return [{ path: issue.path, message: messageOf(issue) }];
};

const unknownKey = (path: Path, key: string): string => {
  const [near] = nearNames(
    key,
    knownKeys(path).filter((known) => known !== key),
  );
  const what = `unknown key ${JSON.stringify(oneLine(key).slice(0, 60))}`;
  return near === undefined ? what : `${what}; did you mean ${near}?`;
};

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  tuple: 'a list',
};

const messageOf = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined && /undefined/.test(issue.message)
        ? 'is missing'
        : `is not ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return /undefined/.test(issue.message) ? 'is missing' : `is one of ${issue.values.join(', ')}`;
    case 'too_small':
      if (/expected array to have/.test(issue.message))
        return issue.minimum === 1 ? 'is empty' : `has ${issue.minimum} entries`;
      return issue.origin === 'array' || issue.origin === 'string' ? issue.message : `is at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string'
        ? issue.message
        : issue.origin === 'array'
          ? `has more than ${issue.maximum} entries`
          : `is at most ${issue.maximum}`;
    case 'invalid_union':
      return 'has none of the forms that are allowed here';
    default:
      return oneLine(issue.message);
  }
};
