import { expect, test } from 'vitest';
import { pubUdpStaleConntrack } from '../../checks/published/pub-udp-stale-conntrack.js';
import { diagnose } from '../../src/engine/diagnose.js';
import type { ConntrackEntry } from '../../src/model/state.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, type Edit, edited, unread } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const evidence = recorded('pub-udp-stale-conntrack');

const entries = (change: (entry: ConntrackEntry) => ConntrackEntry | null): Edit =>
  artifact('host', 'conntrack', (state) => ({
    ...state,
    entries: state.entries.flatMap((entry) => change(entry) ?? []),
  }));

const answeredBy = (src: string, sport: number): Edit =>
  entries((entry) => ({ ...entry, reply: { ...entry.reply, src, sport } }));

/** The rule is in the dumps of iptables and of nft. */
const withoutRule: Edit = (whole) =>
  edited(
    whole,
    artifact('host', 'iptablesNft', (text) => text.replace(/^.*-A DOCKER .*--dport 7000 .*\n/gm, '')),
    artifact('host', 'nftables', (text) => {
      const { nftables } = JSON.parse(text) as { nftables: { rule?: { expr: unknown } }[] };
      return JSON.stringify({
        nftables: nftables.filter(({ rule }) => !JSON.stringify(rule?.expr ?? '').includes('7000')),
      });
    }),
  );

const finding = {
  cause: 'pub-udp-stale-conntrack',
  place: {
    link: 'uplink – bridge',
    stage: 'prerouting',
    way: 'forward',
    netns: 'host',
    object: 'conntrack udp 198.51.100.1 port 45454 to 198.51.100.10 port 7000',
  },
  loses: ['uplink – bridge forward'],
  remedies: [
    ['conntrack -D -p udp --orig-src 198.51.100.1 --orig-dst 198.51.100.10 --orig-port-src 45454 --orig-port-dst 7000'],
  ],
} as const;

testCheck(pubUdpStaleConntrack, {
  fails: [
    {
      name: 'an entry that was made while the rule was missing keeps the flow at the host',
      evidence,
      findings: [{ ...finding, proof: 'read read counted counted' }],
    },
    {
      name: 'an entry that leads to the address that the container had before',
      evidence: edited(evidence, answeredBy('192.168.0.9', 7778)),
      findings: [{ ...finding, proof: 'read read counted' }],
    },
  ],
  passes: [
    {
      name: 'the entry of a steady client whose datagrams arrive',
      evidence: edited(evidence, answeredBy('192.168.0.2', 7778)),
      because: 'the entry of conntrack leads where the rules do',
    },
    {
      name: 'an entry of another client of the same port decides nothing about this one',
      evidence: edited(
        evidence,
        entries((entry) => ({ ...entry, original: { ...entry.original, sport: 45_455 } })),
      ),
      because: 'conntrack has no entry of this flow: the rules decide',
    },
  ],
  notApplicable: [
    {
      name: 'a probe from any port is a flow of its own',
      evidence: recorded('pub-forward-drop'),
      reason: 'the probe is not sent from the port of a steady client',
    },
    {
      name: 'a table of conntrack that could not be read says nothing',
      evidence: edited(evidence, unread('host', 'conntrack')),
      reason: 'what conntrack knows was not read',
    },
    {
      name: 'an entry that leads away by a rule that is gone is not older than a rule that leads to the container',
      evidence: edited(evidence, answeredBy('192.168.0.9', 7778), withoutRule),
      reason: 'that the rules lead the port to the container is not certain',
    },
  ],
});

test('without the rule, the rule is what is missing, whatever conntrack knows', () => {
  const diagnosis = diagnose(edited(evidence, withoutRule));
  expect(diagnosis.cause).toBe('pub-dnat-missing');
});

test('a flow that conntrack leads to the container needs no rule any more', () => {
  const led = edited(evidence, answeredBy('192.168.0.2', 7778), withoutRule);
  expect(diagnose(led).findings.map(({ cause }) => cause)).not.toContain('pub-dnat-missing');
});
