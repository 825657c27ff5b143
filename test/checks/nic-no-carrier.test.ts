import { nicNoCarrier } from '../../checks/uplink/nic-no-carrier.js';
import { testCheck } from '../helpers/check-cases.js';
import { type Edit, edited, link, withoutFlags } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const noCarrier: Edit = link('host', 'eth0', ({ flags }) => ({
  flags: flags.filter((flag) => flag !== 'LOWER_UP'),
  operstate: 'DOWN',
}));

testCheck(nicNoCarrier, {
  fails: [
    {
      name: 'an uplink without a carrier is a matter of its other end',
      evidence: recorded('nic-no-carrier'),
      findings: [
        {
          cause: 'nic-no-carrier',
          place: { link: 'uplink – outside', stage: 'wire', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['bridge – uplink forward', 'uplink – outside forward'],
          proof: 'read',
          remedies: ['instruction'],
        },
      ],
    },
    {
      name: 'the NIC below a bridge that is the uplink',
      evidence: edited(recorded('bridged-uplink'), noCarrier),
      findings: [
        {
          cause: 'nic-no-carrier',
          place: { link: 'lower – outside', stage: 'wire', way: 'forward', netns: 'host', device: 'eth0' },
          loses: ['bridge – uplink forward', 'lower – outside forward'],
          proof: 'read',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a member of a bond without a carrier, while the bond has one',
      evidence: edited(
        recorded('bridged-uplink'),
        link('host', 'vmbr0', () => ({ kind: 'bond' })),
        noCarrier,
      ),
      because: 'vmbr0 has a carrier',
    },
    { name: 'an uplink with a carrier is in order', evidence: recorded('textbook'), because: 'eth0 has a carrier' },
  ],
  notApplicable: [
    {
      name: 'an uplink that is down has no carrier to lose',
      evidence: edited(recorded('nic-no-carrier'), withoutFlags('host', 'eth0', 'UP')),
      reason: 'eth0 is down',
    },
    { name: 'without a route there is no uplink', evidence: recorded('nic-down'), reason: 'no uplink is on this path' },
  ],
});
