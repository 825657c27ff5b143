import { isIP } from 'node:net';

/** One address of a hosts file, with its names in lower case. */
export interface HostsEntry {
  readonly address: string;
  readonly names: readonly string[];
}

/** Entries of a hosts file; lines without an address are left out, as the resolver does. @see hosts(5) */
export const parseHosts = (text: string): readonly HostsEntry[] =>
  text.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    return isIP(address) === 0 || names.length === 0
      ? []
      : [{ address, names: names.map((name) => name.toLowerCase()) }];
  });
