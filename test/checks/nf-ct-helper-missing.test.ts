import { expect, test } from 'vitest';
import { nfCtHelperMissing } from '../../checks/netfilter/nf-ct-helper-missing.js';
import { diagnose } from '../../src/engine/diagnose.js';
import type { ProbeOutcome } from '../../src/model/probe.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, type Edit, edited, unread } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const evidence = recorded('nf-ct-helper-missing');

const HELPER = '-A PREROUTING -p udp -m udp --dport 69 -j CT --helper tftp';

/** In the dumps of iptables and of nft, which shows of it that it is one of CT. */
const ruled: Edit = (whole) =>
  edited(
    whole,
    artifact('host', 'iptablesNft', (text) => text.replace(/^(\*raw\n(?::.*\n)*)/m, `$1[0:0] ${HELPER}\n`)),
    artifact('host', 'nftables', (text) => {
      const { nftables } = JSON.parse(text) as { nftables: readonly unknown[] };
      const expr = [
        { match: { op: '==', left: { payload: { protocol: 'udp', field: 'dport' } }, right: 69 } },
        { counter: { packets: 0, bytes: 0 } },
        { xt: { type: 'target', name: 'CT' } },
      ];
      const rule = { family: 'ip', table: 'raw', chain: 'PREROUTING', handle: 2, expr };
      return JSON.stringify({ nftables: [...nftables, { rule }] });
    }),
  );

const firstIs =
  (outcome: ProbeOutcome): Edit =>
  (whole) => ({
    ...whole,
    probe: whole.probe && {
      ...whole.probe,
      answers: whole.probe.answers.map((answer) => (answer.probe === 1 ? { ...answer, outcome } : answer)),
    },
  });

/** The same, asked of another port. */
const onPort =
  (port: number): Edit =>
  (whole) => ({ ...whole, flow: { ...whole.flow, port } });

const answersFrom =
  (sourcePort: number): Edit =>
  (whole) => ({
    ...whole,
    sightings: whole.sightings.map((sighting) => {
      const { packet, kind } = sighting;
      return kind === 'reply' && packet.udp
        ? { ...sighting, packet: { ...packet, udp: { ...packet.udp, sourcePort } } }
        : sighting;
    }),
  });

const untranslated: Edit = (whole) => ({
  ...edited(
    whole,
    artifact('host', 'iptablesNft', (text) => text.replace(/^.*MASQUERADE.*\n/gm, '')),
    artifact('host', 'nftables', () => '{"nftables": []}'),
  ),
  sightings: whole.sightings.filter(({ kind }) => kind === 'reply'),
});

const finding = {
  cause: 'nf-ct-helper-missing',
  place: {
    link: 'bridge – uplink',
    stage: 'prerouting',
    way: 'return',
    netns: 'host',
    object: 'table ip raw chain PREROUTING',
  },
  loses: ['bridge – uplink return'],
  remedies: [['iptables -t raw -I PREROUTING 1 -i br0 -p udp --dport 69 -j CT --helper tftp']],
} as const;

testCheck(nfCtHelperMissing, {
  fails: [
    {
      name: 'the server answers from another port, and the host takes that for a flow to itself',
      evidence,
      findings: [{ ...finding, proof: 'seen read read counted control' }],
    },
    {
      name: 'what conntrack and the counters say afterwards is no condition',
      evidence: { ...evidence, after: {} },
      findings: [{ ...finding, proof: 'seen read control' }],
    },
  ],
  passes: [
    {
      name: 'answers that arrive: what is lost is lost otherwise',
      evidence: edited(evidence, firstIs('answered')),
      because: 'answers from another port arrive',
    },
  ],
  notApplicable: [
    {
      name: 'a rule gives the helper: why the answers are lost nevertheless is another matter',
      evidence: edited(evidence, ruled),
      reason: `a rule gives packets a helper: ${HELPER}`,
    },
    {
      name: 'no helper is known for another port',
      evidence: edited(evidence, onPort(7777)),
      reason: 'no TFTP server outside is asked',
    },
    {
      name: 'a server that answers from the port that was asked',
      evidence: edited(evidence, answersFrom(69)),
      reason: 'no answer was seen that comes from another port',
    },
    {
      name: 'a rule of CT of which nft shows no more may give the helper',
      evidence: edited(evidence, ruled, unread('host', 'iptablesNft')),
      reason: 'not all rules were read',
    },
    {
      name: 'a source that is not translated needs no helper',
      evidence: edited(evidence, untranslated),
      reason: 'the source is not translated',
    },
    {
      name: 'echo requests ask no server',
      evidence: recorded('tftp'),
      reason: 'no TFTP server outside is asked',
    },
  ],
});

test('answers from another port that no helper is known for are told, and nothing is blamed', () => {
  const { status, doubts, findings } = diagnose(edited(evidence, onPort(7777)));
  expect(status).toBe('inconclusive');
  expect(findings).toEqual([]);
  expect(doubts[0]).toMatch(/^answers come from port \d+ of 203\.0\.113\.5, not from port 7777, which was asked: /);
});

test('with a helper the answers are told as they are, and nothing is blamed', () => {
  const { status, doubts } = diagnose(edited(evidence, ruled));
  expect(status).toBe('inconclusive');
  expect(doubts[0]).toMatch(/^answers come from port/);
});
