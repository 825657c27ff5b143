import { z } from 'zod';
import { parseDestination } from '../discover/index.js';
import type { CheckSettings } from '../model/check-settings.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { Flow, Protocol } from '../model/flow.js';
import { checked, oneOf, type RawOptions, within } from './settings.js';

const text = z.string().nullable().default(null);

const checkOptions = z.object({
  proto: oneOf('--proto', ['icmp', 'tcp', 'udp']).nullable().default(null),
  source: text,
  mark: within('--mark', 0, 0xffffffff).default(0),
  4: z.boolean().default(false),
  6: z.boolean().default(false),
  inbound: z.boolean().default(false),
  run: text,
  expect: text,
  iif: text,
  oif: text,
  iptables: text,
  iptablesLegacy: text,
  nft: text,
  routes: text,
  rules: text,
  links: text,
  addresses: text,
  sysctls: text,
  ipsets: text,
});

/** The options of `check`, checked. */
export type CheckOptions = z.output<typeof checkOptions>;

/** Options that name a dump. */
export const DUMP_OPTIONS = [
  'iptables',
  'iptablesLegacy',
  'nft',
  'routes',
  'rules',
  'links',
  'addresses',
  'sysctls',
  'ipsets',
] as const satisfies readonly (keyof CheckOptions)[];

export type DumpOption = (typeof DUMP_OPTIONS)[number];

const wrong = (message: string, hint?: string): KnownError =>
  new KnownError(message, { exitCode: EXIT.usage, ...(hint === undefined ? {} : { hint }) });

/** @throws KnownError for a value that no option takes, and for options that exclude each other */
export const checkOptionsFrom = (raw: RawOptions): CheckOptions => {
  const options = checked(checkOptions, raw);
  if (options[4] && options[6]) throw wrong('-4 and -6 exclude each other');
  const files = DUMP_OPTIONS.some((name) => options[name] !== null);
  if (files && options.run !== null) throw wrong('--run and files of dumps exclude each other');
  if (!files && (options.iif !== null || options.oif !== null))
    throw wrong(
      '--iif and --oif belong to files of dumps',
      'for example: --iptables FILE --iif br0 --source 192.168.0.2',
    );
  if (options.inbound && (files || options.run !== null)) throw wrong('--inbound reads this host');
  return options;
};

/** What one check of this host is asked. */
export const checkSettingsFrom = (
  target: string,
  destination: string | null,
  options: CheckOptions,
): CheckSettings => ({
  target,
  destination,
  protocol: options.proto,
  source: options.source,
  mark: options.mark,
  family: options[4] ? 4 : options[6] ? 6 : null,
  inbound: options.inbound,
  published: options.inbound && destination !== null ? placeOf(destination, options.proto) : null,
});

/** The flow at a host of which only dumps are there. @throws KnownError for a name, which cannot be resolved there */
export const fileFlowFrom = (destination: string, options: CheckOptions): Flow => ({
  ...placeOf(destination, options.proto),
  kind: 'egress',
  source: options.source,
  mark: options.mark,
});

const placeOf = (spelled: string, wanted: Protocol | null): NonNullable<CheckSettings['published']> => {
  const { host, family, protocol, port } = parseDestination(spelled);
  if (family === null) throw wrong(`${host} is a name`, 'write its address: nothing is resolved here');
  const used = wanted ?? protocol;
  if (used !== 'icmp' && port === null) throw wrong(`${used} needs a port`, `for example ${used}://${host}:80`);
  return { family, protocol: used, destination: host, destinationText: spelled, port: used === 'icmp' ? null : port };
};
