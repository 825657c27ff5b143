import { wireLink } from '../../src/model/path-queries.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { twinHeard } from '../support/heard-twin.js';

export const uplinkIpConflict = defineCheck({
  meta: {
    id: 'uplink-ip-conflict',
    code: 'V6004',
    title: "no other machine has the host's address",
    covers: ['uplink-ip-conflict'],
    requires: ['host.links', 'host.addresses'],
    references: ['RFC 5227', 'man 8 arping (-D)'],
  },
  page: {
    meaning: "Another machine on the uplink's network has an address of this host, and gets the answers in its place.",
    path: 'outside -> ARP "who has ADDRESS": two machines say so, the last word counts -> the answer goes to the other one.',
    decided:
      'ARP is heard on the uplink whose sender has the address of this host and a MAC that no device of it has; the requests leave, and answers are missing.',
    byHand: ['arping -D -c 2 -I UPLINK ADDRESS', 'tcpdump -p -eni UPLINK arp and arp host ADDRESS'],
    origins: [
      'a static address inside the range of the DHCP server',
      'a virtual machine that was copied with its address',
      'two nodes that both hold a virtual IP',
    ],
    fixes: ['another address for one of the two', 'the virtual IP on one node alone'],
    prevention: 'Addresses from one place; duplicate address detection before an address is used.',
    lab: 'uplink-ip-conflict',
  },
  run(artifacts, context) {
    const wire = wireLink(context.path);
    const twin = twinHeard(artifacts, context);
    if (!wire || !twin) return notApplicable('no ARP of another machine names an address of this host');
    const { hop, address, mac, own } = twin;
    if (context.located.lost === 0) return notApplicable('nothing is lost');
    const replies = context.located.counts.find((count) => count.hop === hop.id)?.return ?? 0;
    if (replies >= context.located.sent) return pass(`every answer comes to this host, and none to ${mac}`);
    return fail({
      cause: 'uplink-ip-conflict',
      title: `another machine has this host's ${address}: ${mac}`,
      place: { link: wire.id, stage: 'wire', way: 'return', netns: 'host', device: hop.ifname },
      loses: [
        { link: wire.id, way: 'return' },
        { link: wire.id, way: 'forward' },
      ],
      proof: [
        {
          kind: 'seen',
          text: `ARP from ${address} comes from ${mac} on ${hop.ifname}`,
          command: ['tcpdump', '-p', '-e', '-ni', hop.ifname, 'arp', 'and', 'arp', 'host', address],
        },
        {
          kind: 'read',
          text: `${hop.ifname} has ${address} and the MAC ${own}`,
          command: ['ip', '-br', 'addr', 'show', hop.ifname],
        },
        ...(context.control?.failure === null && context.control.answered === 0
          ? [
              {
                kind: 'control' as const,
                text: `the same probe from the host itself: 0 of ${context.control.sent} answered`,
                command: context.control.command,
              },
            ]
          : []),
      ],
      remedies: [
        {
          kind: 'instruction',
          title: `find the machine with the MAC ${mac} (the switch knows its port), and give one of the two another address`,
          netns: 'host',
          commands: [],
          undo: [],
          risk: 'low',
          riskText: 'nothing is changed here',
        },
      ],
      notes: ['routers remember who spoke last: it may work now and then until the address is unique'],
    });
  },
});
