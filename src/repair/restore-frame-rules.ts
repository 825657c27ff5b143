import { saveWords } from './save-words.js';

/**
 * The commands that bring a chain of ebtables or arptables to the rules that it shall have. What stands before the first
 * and behind the last difference is not touched.
 * @param key program, table and chain
 */
export const frameRuleCommands = (
  key: string,
  current: string | null,
  wanted: string | null,
): readonly (readonly string[])[] => {
  const [tool = '', table = '', chain = ''] = key.split(' ');
  const [have, want] = [current?.split('\n') ?? [], wanted?.split('\n') ?? []];
  const same = (one: readonly string[], other: readonly string[]): number => {
    const differs = one.findIndex((rule, index) => rule !== other[index]);
    return Math.min(differs < 0 ? one.length : differs, other.length);
  };
  const head = same(have, want);
  const tail = same(have.slice(head).toReversed(), want.slice(head).toReversed());
  const lead = [tool, '-t', table];
  return [
    ...have.slice(head, have.length - tail).map(() => [...lead, '-D', chain, String(head + 1)]),
    ...want
      .slice(head, want.length - tail)
      .map((rule, index) => [...lead, '-I', chain, String(head + index + 1), ...saveWords(rule)]),
  ];
};
