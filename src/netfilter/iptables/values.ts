import type { Range } from '../field-matches.js';

const ONE_RANGE = /^(\d+)?(:)?(\d+)?$/;

/** Reads `80`, `1:1024`, `:1024`, `1024:`, and lists of these; `null` for anything else. */
export const parsePorts = (text: string): readonly Range[] | null => {
  const ranges = text.split(',').map((part): Range | null => {
    const [, low, colon, high] = ONE_RANGE.exec(part) ?? [];
    if (low === undefined && high === undefined) return null;
    if (colon === undefined) return [Number(low), Number(low)];
    return [Number(low ?? 0), Number(high ?? 65535)];
  });
  return ranges.every((range) => range !== null) ? ranges : null;
};

/** Reads `0x1/0xff` or `0x1`, whose mask is all ones; `null` for anything else. */
export const parseMark = (text: string): { readonly value: number; readonly mask: number } | null => {
  const [value, mask = 0xffffffff] = text.split('/').map(Number);
  return value === undefined || Number.isNaN(value) || Number.isNaN(mask) ? null : { value, mask };
};
