import { ParseError } from './parse-error.js';

/** Times of a unit, as ISO 8601 in UTC. */
export interface UnitTimes {
  readonly unit: string;
  /** When it became active; `null` for one that never did. */
  readonly started: string | null;
  /** When its state changed last: a reload is such a change and leaves `started` as it is. */
  readonly changed: string | null;
}

/** `Fri 2026-11-27 02:12:03 UTC`; `n/a` and nothing for a time that never was. */
const TIME = /^(?:[A-Z][a-z]{2} )?(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)? UTC$/;

/**
 * Units from `TZ=UTC systemctl show UNIT… --property=Id,ActiveEnterTimestamp,StateChangeTimestamp`: blocks of `KEY=VALUE`
 * with an empty line between two of them.
 * @throws ParseError for a line without `=`
 * @see systemctl(1)
 */
export const parseSystemctlShow = (text: string): readonly UnitTimes[] => {
  let line = 0;
  return text.split(/\n\n+/).flatMap((block) => {
    const fields = new Map<string, string>();
    for (const entry of block.split('\n')) {
      line += 1;
      if (entry.trim() === '') continue;
      const cut = entry.indexOf('=');
      if (cut < 1) throw new ParseError('systemctl show', line, 'not KEY=VALUE');
      fields.set(entry.slice(0, cut), entry.slice(cut + 1));
    }
    line += 1;
    const unit = fields.get('Id');
    if (unit === undefined) return [];
    const time = (key: string): string | null => {
      const [, day, clock] = TIME.exec(fields.get(key) ?? '') ?? [];
      return day === undefined ? null : `${day}T${clock}Z`;
    };
    return [{ unit, started: time('ActiveEnterTimestamp'), changed: time('StateChangeTimestamp') }];
  });
};
