import { brEbtablesDrop } from '../../checks/bridge/br-ebtables-drop.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

/** The rule accepts instead. */
const accepting = artifact('host', 'nftables', (text) => text.replace('{"drop": null}', '{"accept": null}'));

testCheck(brEbtablesDrop, {
  fails: [
    {
      name: 'ebtables drops what a port gives to the host',
      evidence: recorded('br-ebtables-input-drop'),
      findings: [
        {
          cause: 'br-ebtables-input-drop',
          place: {
            link: 'veth-host – bridge',
            stage: 'bridge-forward',
            turn: 1,
            way: 'forward',
            netns: 'host',
            object: 'table bridge filter chain INPUT rule 1',
          },
          loses: ['veth-host – bridge forward'],
          proof: 'read counted',
          remedies: [['ebtables -I INPUT 1 -p IPv4 -i veth1_p --ip-src 192.168.0.2 -j ACCEPT']],
        },
      ],
    },
    {
      name: 'ebtables drops what goes from port to port',
      evidence: recorded('br-ebtables-forward-drop'),
      findings: [
        {
          cause: 'br-ebtables-forward-drop',
          place: {
            link: 'veth-host – bridge-port',
            stage: 'bridge-forward',
            turn: 1,
            way: 'forward',
            netns: 'host',
            object: 'table bridge filter chain FORWARD rule 1',
          },
          loses: ['veth-host – bridge-port forward'],
          proof: 'read counted',
          remedies: [['ebtables -I FORWARD 1 -p IPv4 -i veth1_p --ip-src 192.168.0.2 -j ACCEPT']],
        },
      ],
    },
    {
      name: 'ebtables drops the question for the gateway: the packets wait in the container',
      evidence: recorded('br-ebtables-arp-drop'),
      findings: [
        {
          cause: 'br-ebtables-arp-drop',
          place: {
            link: 'veth-host – bridge',
            stage: 'bridge-forward',
            turn: 1,
            way: 'forward',
            netns: 'host',
            object: 'table bridge filter chain INPUT rule 1',
          },
          loses: ['socket – container forward'],
          proof: 'read seen',
          remedies: [['ebtables -I INPUT 1 -p ARP -i veth1_p -j ACCEPT']],
        },
      ],
    },
    {
      name: 'a filter of nft that allows another MAC address: ARP has to be accepted as well',
      evidence: recorded('br-nft-mac-antispoof'),
      findings: [
        {
          cause: 'br-nft-mac-antispoof',
          place: {
            link: 'veth-host – bridge',
            stage: 'bridge-forward',
            turn: -3,
            way: 'forward',
            netns: 'host',
            object: 'table bridge macspoof chain pre rule 1',
          },
          loses: ['veth-host – bridge forward'],
          proof: 'read counted',
          remedies: [
            [
              'nft insert rule bridge macspoof pre iifname veth1_p ip saddr 192.168.0.2 accept comment "vethoscope"',
              'nft insert rule bridge macspoof pre iifname veth1_p ether type arp accept comment "vethoscope"',
            ],
          ],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a rule that accepts loses nothing',
      evidence: edited(recorded('br-nft-mac-antispoof'), accepting),
      because: 'no rule for frames drops them',
    },
  ],
  notApplicable: [
    {
      name: 'a host without rules for frames',
      evidence: recorded('textbook'),
      reason: 'no rule for frames is on this path',
    },
  ],
});
