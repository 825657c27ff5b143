import { uplinkIpConflict } from '../../checks/uplink/uplink-ip-conflict.js';
import type { Evidence } from '../../src/model/evidence.js';
import { testCheck } from '../helpers/check-cases.js';
import { addLink, type Edit, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const conflict = recorded('uplink-ip-conflict');

/** MAC of the machine that says it has the host's address. */
const twin = ({ sightings, before }: Evidence): string => {
  const links = before['host']?.links;
  const own = links?.ok ? links.value.map(({ address }) => address) : [];
  const arp = sightings.flatMap(({ packet }) => packet.arp ?? []);
  return (
    arp.find(({ senderAddress, senderMac }) => senderAddress === '198.51.100.10' && !own.includes(senderMac))
      ?.senderMac ?? ''
  );
};

const onUplink = (packet: Evidence['sightings'][number]): boolean => packet.hop === 'h4';

/** The ARP of the twin, heard in another run. */
const withTwin: Edit = (evidence) => ({
  ...evidence,
  sightings: [...evidence.sightings, ...conflict.sightings.filter((seen) => onUplink(seen) && seen.packet.arp)],
});

testCheck(uplinkIpConflict, {
  fails: [
    {
      name: "ARP from the host's address comes from a MAC that the host does not have",
      evidence: conflict,
      findings: [
        {
          cause: 'uplink-ip-conflict',
          place: { link: 'uplink – outside', stage: 'wire', way: 'return', netns: 'host', device: 'eth0' },
          loses: ['uplink – outside return', 'uplink – outside forward'],
          proof: 'seen read control',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'answers that all come to this host are not lost to a twin',
      evidence: edited(recorded('nf-docker-user-drop'), withTwin),
      because: `every answer comes to this host, and none to ${twin(conflict)}`,
    },
  ],
  notApplicable: [
    {
      name: "the host's own questions come from its own MAC",
      evidence: recorded('uplink-upstream-drops'),
      reason: 'no ARP of another machine names an address of this host',
    },
    {
      name: 'a second device of the host with that MAC is no other machine',
      evidence: edited(conflict, addLink('host', 'eth0', { ifname: 'vrrp1', ifindex: 77, address: twin(conflict) })),
      reason: 'no ARP of another machine names an address of this host',
    },
    {
      name: 'where nothing is lost, a twin does no harm yet',
      evidence: edited(recorded('textbook'), withTwin),
      reason: 'nothing is lost',
    },
  ],
});
