import type { Evidence, Limit } from '../../model/evidence.js';
import type { Run } from '../../model/run.js';
import type { NetnsState } from '../../model/state.js';
import { plural } from '../facts.js';
import { AddressBook, type AddressMap } from './address-book.js';
import { collectNames } from './collect-names.js';
import { redactFrame } from './frame.js';
import { formatIp, type Ip, type Network, networkOf, parseIp } from './ip.js';
import { formatMac, MacBook } from './mac-book.js';
import { NameBook, type NameKind, type NameMap } from './name-book.js';
import { redactPart } from './parts.js';
import { isKept, privateBlockOf } from './ranges.js';
import { Redactor, wordsOf } from './redactor.js';
import { replaceTokens } from './tokens.js';

/** Which alias stands for what. Private: it must never be in a report. */
export interface RedactionMap extends AddressMap {
  readonly version: 1;
  readonly names: NameMap;
}

export interface RedactOptions {
  /** The map of an earlier report of this host, so that both use the same aliases. */
  readonly map?: RedactionMap | undefined;
  /** Keep the manufacturer's half of MAC addresses. */
  readonly keepOui?: boolean;
}

export interface Redacted {
  readonly run: Run;
  readonly map: RedactionMap;
  /** Original and alias of everything that this run needed, for a preview on the host itself. */
  readonly pairs: readonly (readonly [string, string])[];
}

const EMPTY: RedactionMap = { version: 1, networks: {}, hosts: {}, macs: {}, names: {} };

/**
 * The run with an alias for every address, MAC, name and secret, the same one wherever a value occurs, also inside frames.
 * Subnets, roles, ports and interface names stay, so that the same diagnosis follows from it. Parts that cannot be taken
 * apart are left out and named among the limits.
 */
export const redactRun = (run: Run, options: RedactOptions = {}): Redacted => {
  const earlier = options.map ?? EMPTY;
  const occurring = occurringIn(run);
  const macs = new MacBook(occurring.macs, earlier.macs, options.keepOui ?? false);
  const addresses = new AddressBook(occurring.networks, occurring.addresses, earlier, macs);
  const found = collectNames(run);
  const names = new NameBook(
    found.map(({ name }) => name),
    earlier.names,
  );
  for (const { kind, name } of found) names.know(kind, name);
  const redactor = new Redactor(addresses, names, wordsOf(occurring.addresses), devicesOf(run));
  const leftOver = leftOverTest(addresses, macs);
  const limits: Limit[] = strayLimits(addresses.strays.length);
  const { evidence, ...rest } = run;
  const shown = redactor.value(rest);
  const redactedEvidence = evidence && redactEvidence(evidence, redactor, addresses, leftOver, limits);
  const redacted: Run = {
    ...shown,
    run: { ...shown.run, redacted: true },
    limits: [...shown.limits, ...limits],
    ...(redactedEvidence ? { evidence: redactedEvidence } : {}),
    redactions: countsOf(addresses, macs, names),
  };
  return {
    run: redacted,
    map: { version: 1, ...addresses.map(), names: names.map() },
    pairs: [
      ...addresses.used,
      ...[...macs.used].map((mac) => [formatMac(mac), formatMac(macs.aliasNumber(mac))] as const),
      ...[...names.used].map(([name, kind]) => [name, names.alias(kind, name)] as const),
    ],
  };
};

const strayLimits = (count: number): Limit[] =>
  count === 0
    ? []
    : [
        {
          what: 'redaction',
          why: `for ${plural(count, 'network')} there was no alias in the same block, so rules and routes about whole blocks may no longer match`,
          install: null,
        },
      ];

interface Occurring {
  readonly addresses: readonly Ip[];
  readonly networks: readonly Network[];
  readonly macs: ReadonlySet<bigint>;
}

/** Every address, network and MAC in any text of the run, and in its frames through the sightings. */
const occurringIn = (run: Run): Occurring => {
  const addresses = new Map<string, Ip>();
  const networks = new Map<string, Network>();
  const macs = new Set<bigint>();
  const reader = {
    mac: (mac: bigint) => {
      macs.add(mac);
      return '';
    },
    address: (ip: Ip) => {
      addresses.set(formatIp(ip), ip);
      return '';
    },
    network: (network: Network) => {
      networks.set(`${network.value}/${network.length}/${network.family}`, network);
      return '';
    },
    word: () => null,
  };
  const walk = (value: unknown): void => {
    if (typeof value === 'string') replaceTokens(value, reader);
    else if (typeof value === 'object' && value !== null)
      for (const [key, child] of Object.entries(value)) {
        if (/[:.]/.test(key)) replaceTokens(key, reader);
        walk(child);
      }
  };
  walk({ ...run, evidence: run.evidence && { ...run.evidence, frames: [] } });
  for (const state of Object.values(run.evidence?.before ?? {}))
    for (const address of state.addresses.ok ? state.addresses.value : []) {
      const ip = parseIp(address.local);
      if (ip) reader.network(networkOf(ip, address.prefixLength));
    }
  return { addresses: [...addresses.values()], networks: [...networks.values()], macs };
};

const devicesOf = (run: Run): ReadonlySet<string> =>
  new Set(
    Object.values(run.evidence?.before ?? {}).flatMap((state) =>
      state.links.ok ? state.links.value.map((link) => link.ifname) : [],
    ),
  );

const redactEvidence = (
  evidence: Evidence,
  redactor: Redactor,
  addresses: AddressBook,
  leftOver: (text: string) => boolean,
  limits: Limit[],
): Evidence => {
  const { before, after, frames, ...rest } = evidence;
  const states = <S extends Partial<NetnsState>>(
    all: Readonly<Record<string, S>>,
    when: string,
  ): Readonly<Record<string, S>> =>
    Object.fromEntries(
      Object.entries(all).map(([netns, state]) => {
        const parts = Object.entries(state).map(([name, artifact]) => {
          const part = redactPart(name, artifact, (value) => redactor.value(value), leftOver);
          if (part.leftOut !== null)
            limits.push({
              what: `${name} of ${netns} (${when})`,
              why: `left out of the redacted report: ${part.leftOut}`,
              install: null,
            });
          return [name, part.artifact] as const;
        });
        return [netns, Object.fromEntries(parts) as unknown as S];
      }),
    );
  const shown = redactor.value(rest);
  const kept = frames?.flatMap((frame) => redactFrame(frame, addresses) ?? []);
  if (frames && kept && kept.length < frames.length)
    limits.push({
      what: `${frames.length - kept.length} captured frames`,
      why: 'left out of the redacted report: they hold what cannot be taken apart',
      install: null,
    });
  return {
    ...shown,
    before: states(before, 'before the probe'),
    after: states(after, 'after the probe'),
    ...(kept ? { frames: kept } : {}),
  };
};

/** Whether an original address or MAC still stands in a text. */
const leftOverTest = (addresses: AddressBook, macs: MacBook): ((text: string) => boolean) => {
  const originals = new Set(
    [...addresses.used.keys(), ...[...macs.used].map(formatMac)].filter((text) => text.length >= 5),
  );
  return (text) => {
    const tokens = /(?<![0-9a-f])[0-9a-f]*(?:[:.][0-9a-f]*)+/gi;
    for (let token = tokens.exec(text); token !== null; token = tokens.exec(text))
      if (originals.has(token[0].toLowerCase())) return true;
    return false;
  };
};

const NAME_KINDS: Readonly<Record<NameKind, string>> = {
  host: 'host names',
  container: 'container names',
  netns: 'namespace names',
  dns: 'DNS names',
  user: 'user names',
  path: 'paths under /home',
  id: 'long identifiers',
  mail: 'mail addresses',
  secret: 'secrets',
};

const countsOf = (addresses: AddressBook, macs: MacBook, names: NameBook): Readonly<Record<string, number>> => {
  const counts = new Map<string, number>();
  const count = (kind: string) => counts.set(kind, (counts.get(kind) ?? 0) + 1);
  for (const text of addresses.used.keys()) {
    const ip = parseIp(text);
    if (ip) count(`${isKept(ip) ? 'link-local' : privateBlockOf(ip) ? 'private' : 'public'} IPv${ip.family} addresses`);
  }
  for (const _ of macs.used) count('MAC addresses');
  for (const kind of names.used.values()) count(NAME_KINDS[kind]);
  return Object.fromEntries([...counts].sort(([a], [b]) => a.localeCompare(b)));
};
