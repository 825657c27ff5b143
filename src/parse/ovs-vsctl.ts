import { z } from 'zod';
import type { OvsPort } from '../model/state.js';
import { ParseError } from './parse-error.js';

const SOURCE = 'ovs-vsctl';
const table = z.object({ headings: z.array(z.string()), data: z.array(z.array(z.unknown())) });
const uuid = z.tuple([z.literal('uuid'), z.string()]);
const set = z.tuple([z.literal('set'), z.array(z.unknown())]);

type Row = Readonly<Record<string, unknown>>;

/** What a column holds: one value, or several. @see RFC 7047 §5.1, <value> */
const valuesOf = (value: unknown): readonly unknown[] => {
  const several = set.safeParse(value);
  return several.success ? several.data[1] : [value];
};

const uuidsOf = (value: unknown): readonly string[] =>
  valuesOf(value).flatMap((one) => {
    const parsed = uuid.safeParse(one);
    return parsed.success ? [parsed.data[1]] : [];
  });

const numbersOf = (value: unknown): readonly number[] =>
  valuesOf(value).flatMap((one) => (typeof one === 'number' ? [one] : []));

const rowsOf = (line: string, number: number): readonly Row[] => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw new ParseError(SOURCE, number, 'not JSON');
  }
  const { success, data } = table.safeParse(parsed);
  if (!success) throw new ParseError(SOURCE, number, 'no table with headings and data');
  return data.data.map((row) => Object.fromEntries(data.headings.map((heading, index) => [heading, row[index]])));
};

/**
 * Ports of the bridges of Open vSwitch from `ovs-vsctl -f json`, of a table of bridges and one of ports, a line each.
 * @throws ParseError
 * @see ovs-vswitchd.conf.db(5)
 */
export const parseOvsPorts = (text: string): OvsPort[] => {
  const [bridges = [], ports = []] = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => rowsOf(line, index + 1));
  return bridges.flatMap((bridge) =>
    uuidsOf(bridge['ports']).flatMap((id): OvsPort[] => {
      const port = ports.find((candidate) => uuidsOf(candidate['_uuid'])[0] === id);
      return port
        ? [
            {
              bridge: String(bridge['name']),
              ifname: String(port['name']),
              tag: numbersOf(port['tag'])[0] ?? null,
              trunks: numbersOf(port['trunks']),
            },
          ]
        : [];
    }),
  );
};
