import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { entryOf, tupleWords, withoutEntry } from '../support/conntrack.js';
import { askedProof } from '../support/proofs.js';

export const nfMasqFailoverFirstPacket = defineCheck({
  meta: {
    id: 'nf-masq-failover-first-packet',
    code: 'V5004',
    title: 'a flow that stands leaves by the device whose address it has',
    covers: ['nf-masq-failover-first-packet', 'nf-snat-wrong'],
    requires: [],
    references: ['man 8 iptables-extensions (MASQUERADE)', 'man 8 conntrack'],
  },
  page: {
    meaning:
      'The way outside moved to another device. NAT drops the next packet of each masqueraded flow that stands, and forgets the flow; the packet after that begins a new one.',
    path: 'bridge -> FORWARD -> POSTROUTING: conntrack has the address of the device before -> entry taken out, packet dropped, by no rule.',
    decided:
      'The probe is sent from the port of the flow (--source-port). Conntrack of the host knew that flow before the probe, with an address of another device than the one that the route names now, as MASQUERADE gives it there; the captures see the packet come in and not leave, and afterwards the entry is gone.',
    byHand: [
      'conntrack -L -s CONTAINER-ADDRESS (the second dst= is the address that the flow has)',
      'ip route get DESTINATION from CONTAINER-ADDRESS iif BRIDGE',
      'conntrack -E -e DESTROY -s CONTAINER-ADDRESS (the entry goes with the packet)',
    ],
    origins: [
      'failover between two uplinks: keepalived, a DHCP lease with another metric, a modem that dialled in again',
      'a VPN that takes the default route, or gives it back',
    ],
    fixes: [
      'none is needed: the next packet passes',
      'conntrack -D -s CONTAINER-NETWORK in the script that moves the route: then not even this packet is lost',
    ],
    prevention: 'Programs that send again after a time-out do not notice.',
    lab: 'nf-masq-failover-first-packet',
  },
  run(_artifacts, context) {
    const { flow, walk, located } = context;
    if (flow.sourcePort === undefined) return notApplicable('the packets are of no flow that stood before');
    const step = stepsOf(walk, 'moved').find(({ way }) => way === 'forward');
    if (!step || step.device === null) return pass('conntrack has no address of another device for the flow');
    const entry = entryOf(context, step.netns);
    if (entry === null) return notApplicable('the flow is translated before it comes there');
    if (located.answered > 0) return pass('the packet is answered');
    const netns = context.netns(step.netns);
    const { address, device } = step.detail;
    const list = inside(netns, ['conntrack', '-L', '-s', entry.original.src, '-d', entry.original.dst]);
    const after = context.conntrackAfter(step.netns);
    const isGone = after !== null && !after.some(({ text }) => idOf(text) === idOf(entry.text));
    const found = fail({
      cause: 'nf-masq-failover-first-packet',
      title: `the way moved to ${step.device}: NAT drops one packet of this flow`,
      place: {
        link: step.link,
        stage: 'postrouting',
        way: 'forward',
        netns: step.netns,
        device: step.device,
        object: `conntrack ${entry.protocol} ${tupleWords(entry.original)}`,
      },
      loses: [{ link: step.link, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `conntrack knew ${tupleWords(entry.original)} before the probe, as ${address}: that is the address of ${device}`,
          command: list,
          output: entry.text,
        },
        ...askedProof(context, 'route-forward', step.netns),
        ...(isGone ? [{ kind: 'counted' as const, text: 'after the probe that entry is gone', command: list }] : []),
      ],
      remedies: [
        {
          kind: 'instruction',
          title: `nothing is to be mended: the entry went with that packet, and the next one begins a new flow by ${step.device}`,
          netns: step.netns,
          commands: [],
          undo: [],
          risk: 'low',
          riskText: 'nothing is changed here',
        },
      ],
      notes: [
        'every masqueraded flow that stood when the way moved loses one packet in the same way',
        `a connection of TCP goes on with another address, which its other end does not know: it is reset there`,
      ],
    });
    return { ...found, onceMended: withoutEntry(step.netns, entry) };
  },
});

/** The kernel's own number of an entry. */
const idOf = (text: string): string | null => /\bid=(\d+)$/.exec(text)?.[1] ?? null;
