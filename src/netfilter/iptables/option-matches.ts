import type { IptablesExtension, IptablesOption } from '../../parse/iptables-save.js';
import { allOf } from '../field-matches.js';
import type { Match } from '../program.js';
import { invertIf, unknownMatch } from '../program.js';

export type OptionMatches = Readonly<Record<string, (option: IptablesOption) => Match>>;

/** A builder for an extension. Every option of the extension must hold; one that is not in the table makes the answer unknown. */
export const options =
  (table: OptionMatches) =>
  (extension: IptablesExtension): Match =>
    allOf(
      extension.options.map((option) => {
        const build = Object.hasOwn(table, option.name) ? table[option.name] : undefined;
        if (build === undefined) return unknownMatch(`${extension.name} ${option.name} is not modelled`);
        return invertIf(option.negated, build(option));
      }),
    );

/** The first value of an option. */
export const value = (option: IptablesOption): string => option.values[0] ?? '';
