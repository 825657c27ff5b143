import { z } from 'zod';
import type { PublishedPort } from '../model/build.js';
import { EXIT, KnownError } from '../model/errors.js';
import type { BuildWish } from '../repair/build/design.js';
import { checked, type RawOptions } from './settings.js';

const deviceName = (what: string) =>
  z.string().regex(/^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,15}$/, `${what} is a device name: up to 15 letters, digits, _ . -`);

const netnsName = z
  .string()
  .regex(/^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,64}$/, '--textbook is a name for a network namespace: letters, digits, _ . -');

const port = (text: string): number | null => {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= 65_535 ? value : null;
};

const published = z.string().transform((text, context): PublishedPort => {
  const [, outer = '', inner = '', protocol = 'tcp'] = /^(\d+):(\d+)(?:\/(tcp|udp))?$/.exec(text) ?? [];
  const [hostPort, containerPort] = [port(outer), port(inner)];
  if (hostPort !== null && containerPort !== null)
    return { hostPort, port: containerPort, protocol: protocol === 'udp' ? 'udp' : 'tcp' };
  context.addIssue({ code: 'custom', message: `--publish ${JSON.stringify(text)}: write 8088:80 or 5353:53/udp` });
  return z.NEVER;
});

const buildOptions = z.object({
  textbook: netnsName.nullable().default(null),
  bridge: deviceName('--bridge').nullable().default(null),
  name: deviceName('--name').nullable().default(null),
  subnet: z.string().nullable().default(null),
  address: z.string().nullable().default(null),
  gateway: z.string().nullable().default(null),
  publish: z.array(published).default([]),
  nftables: z.boolean().default(false),
  iptables: z.boolean().default(false),
  ipv6: z.boolean().default(false),
  teach: z.boolean().default(false),
  apply: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  destination: z.string().nullable().default(null),
});

export type BuildSettings = z.infer<typeof buildOptions> & {
  readonly wish: BuildWish;
  readonly backend: 'nft' | 'iptables' | null;
};

/** @throws KnownError for a value that no option takes */
export const buildSettingsFrom = (target: string | undefined, raw: RawOptions): BuildSettings => {
  const options = checked(buildOptions, raw);
  const usage = (message: string): never => {
    throw new KnownError(message, { exitCode: EXIT.usage, hint: 'vethoscope build --help' });
  };
  if ((target === undefined) === (options.textbook === null))
    return usage('name one target, or --textbook NAME for a network from nothing');
  if (options.nftables && options.iptables) return usage('--nftables and --iptables exclude each other');
  const { bridge, subnet, address, gateway, name, ipv6, publish } = options;
  return {
    ...options,
    backend: options.nftables ? 'nft' : options.iptables ? 'iptables' : null,
    wish: { target: target ?? options.textbook ?? '', bridge, subnet, address, gateway, name, ipv6, publish },
  };
};
