import { brFdbWrong } from '../../checks/bridge/br-fdb-wrong.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited, role } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const moved = recorded('br-fdb-static-wrong-port');
const links = moved.before['target']?.links;
const mac = (links?.ok ? links.value.find(({ ifname }) => ifname === 'eth0')?.address : null) ?? '';

testCheck(brFdbWrong, {
  fails: [
    {
      name: 'a static entry at the port of another container',
      evidence: moved,
      findings: [
        {
          cause: 'br-fdb-static-wrong-port',
          place: { link: 'veth-host – bridge', stage: 'bridge-port', way: 'return', netns: 'host', device: 'veth2_p' },
          loses: ['veth-host – bridge return', 'socket – container forward'],
          proof: 'read',
          remedies: [[`bridge fdb del ${mac} dev veth2_p master`]],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'what the bridge has learnt changes with the next frame',
      evidence: edited(
        recorded('br-fdb-static-wrong-port'),
        artifact('host', 'fdb', (all) =>
          all.map((one) => (one.ifname === 'veth2_p' ? { ...one, state: null, flags: [] } : one)),
        ),
      ),
      because: "br0 has the container's MAC at no other port",
    },
  ],
  notApplicable: [
    {
      name: 'a container without a bridge',
      evidence: edited(moved, role('h3', 'peer')),
      reason: 'the container is at no bridge of this host',
    },
  ],
});
