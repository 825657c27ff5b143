import { type NftEntry, nftEntries } from './nft-entries.js';
import { ParseError } from './parse-error.js';

/** A ruleset without some of its objects, or with others in their place; text that is no ruleset stays as it is. */
export const withoutOrInstead = (
  text: string,
  /** The object itself to keep it, another body in its place, or `null` to leave it out. */
  change: (entry: NftEntry) => NftEntry['body'] | null,
): string => {
  const kept: string[] = [];
  try {
    for (const entry of nftEntries(text)) {
      const body = change(entry);
      if (body === entry.body) kept.push(text.slice(entry.from, entry.to));
      else if (body !== null) kept.push(JSON.stringify({ [entry.kind]: body }));
    }
  } catch (error) {
    if (error instanceof ParseError) return text;
    throw error;
  }
  return `{"nftables": [${kept.join(', ')}]}\n`;
};

/** The objects of several rulesets as one. @throws ParseError for text that is no ruleset */
export const joinedRulesets = (texts: readonly string[]): string => {
  const objects = texts.flatMap((text) => [...nftEntries(text)].map(({ from, to }) => text.slice(from, to)));
  return `{"nftables": [${objects.join(', ')}]}\n`;
};
