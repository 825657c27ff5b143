import { expect, test } from 'vitest';
import { nfMasqFailoverFirstPacket } from '../../checks/netfilter/nf-masq-failover-first-packet.js';
import { diagnose } from '../../src/engine/diagnose.js';
import type { ConntrackEntry } from '../../src/model/state.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, type Edit, edited, unread } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const evidence = recorded('nf-masq-failover-first-packet');

const answeredTo = (dst: string): Edit =>
  artifact('host', 'conntrack', (state) => ({
    ...state,
    entries: state.entries.map((entry): ConntrackEntry => ({ ...entry, reply: { ...entry.reply, dst } })),
  }));

/** In the dumps of iptables and of nft. */
const byRule =
  (target: string, options = ''): Edit =>
  (whole) =>
    edited(
      whole,
      artifact('host', 'iptablesNft', (text) => text.replaceAll('-j MASQUERADE', `-j ${target}${options}`)),
      artifact('host', 'nftables', (text) => text.replaceAll('"name": "MASQUERADE"', `"name": "${target}"`)),
    );

const finding = {
  cause: 'nf-masq-failover-first-packet',
  place: {
    link: 'bridge – uplink',
    stage: 'postrouting',
    way: 'forward',
    netns: 'host',
    device: 'eth1',
    object: 'conntrack udp 192.168.0.2 port 40001 to 203.0.113.5 port 7777',
  },
  loses: ['bridge – uplink forward'],
  remedies: ['instruction'],
} as const;

testCheck(nfMasqFailoverFirstPacket, {
  fails: [
    {
      name: 'the first packet of a flow after its way moved to another uplink',
      evidence,
      findings: [{ ...finding, proof: 'read asked counted' }],
    },
    {
      name: 'where conntrack was not read again, that the entry went is not known',
      evidence: { ...evidence, after: {} },
      findings: [{ ...finding, proof: 'read asked' }],
    },
  ],
  passes: [
    {
      name: 'a flow that left by the same uplink before',
      evidence: edited(evidence, answeredTo('198.51.101.10')),
      because: 'conntrack has no address of another device for the flow',
    },
    {
      name: 'a rule that names the address itself: NAT keeps the flow, and lets it leave by any device',
      evidence: edited(evidence, byRule('SNAT', ' --to-source 198.51.100.10')),
      because: 'conntrack has no address of another device for the flow',
    },
    {
      name: 'an address that no device has any more: the kernel took its entries out with it',
      evidence: edited(evidence, answeredTo('198.51.100.77')),
      because: 'conntrack has no address of another device for the flow',
    },
    {
      name: 'a table of conntrack that was not read says nothing of the flow',
      evidence: edited(evidence, unread('host', 'conntrack')),
      because: 'conntrack has no address of another device for the flow',
    },
  ],
  notApplicable: [
    {
      name: 'a probe from any port begins a flow',
      evidence: recorded('nf-missing-masquerade'),
      reason: 'the packets are of no flow that stood before',
    },
  ],
});

test('the packet that is dropped is told in what it met', () => {
  const met = diagnose(evidence).met?.find(({ outcome }) => outcome === 'drop');
  expect(met).toMatchObject({
    way: 'forward',
    stage: 'postrouting',
    text: 'conntrack has 198.51.100.10 of eth0, by which the flow left before',
  });
});
