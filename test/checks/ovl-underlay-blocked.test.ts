import { ovlUnderlayBlocked } from '../../checks/overlay/ovl-underlay-blocked.js';
import type { Evidence } from '../../src/model/evidence.js';
import { testCheck } from '../helpers/check-cases.js';
import { recorded } from '../helpers/evidence.js';

const blocked = {
  cause: 'ovl-underlay-blocked',
  place: { link: 'uplink – outside', stage: 'outside', way: 'forward', netns: 'host', device: 'eth0' },
  loses: ['uplink – outside forward'],
  proof: 'seen control',
  remedies: ['instruction'],
} as const;

const answeredControl = (evidence: Evidence): Evidence => ({
  ...evidence,
  control: evidence.control && { ...evidence.control, answered: evidence.control.sent },
});

testCheck(ovlUnderlayBlocked, {
  fails: [
    {
      name: 'silence behind the tunnel is told from silence behind the uplink',
      evidence: recorded('ovl-udp-port-blocked'),
      findings: [blocked],
    },
    {
      name: 'without a probe of the host itself that is inferred',
      evidence: { ...recorded('ovl-udp-blocked-underlay'), control: null },
      findings: [{ ...blocked, proof: 'seen inferred' }],
    },
    {
      name: 'a source that the host no longer has is named',
      evidence: recorded('ovl-wrong-vtep-local-ip'),
      findings: [
        {
          cause: 'ovl-wrong-vtep-local-ip',
          place: { link: 'tunnel – uplink', stage: 'route', way: 'forward', netns: 'host', device: 'flannel.1' },
          loses: ['tunnel – uplink forward'],
          proof: 'read asked',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    { name: 'answers through the tunnel clear it', evidence: recorded('flannel-vxlan'), because: 'answers come back' },
    {
      name: "an answer to the host's own probe clears the network between the hosts",
      evidence: answeredControl(recorded('ovl-remote-forward-drop')),
      because: "the host's own probe is answered through the tunnel",
    },
  ],
  notApplicable: [
    {
      name: 'without a tunnel there is none to block',
      evidence: recorded('ovl-hostgw-upstream-no-route'),
      reason: 'the flow leaves by no VXLAN device',
    },
    {
      name: 'what does not fit once it is wrapped is another matter',
      evidence: recorded('ovl-inner-mtu-1500'),
      reason: 'a check of its own looks at packets that do not fit once they are wrapped',
    },
    {
      name: 'what never comes to the uplink is another matter',
      evidence: recorded('ovl-fdb-missing'),
      reason: 'the packets are not seen on the uplink',
    },
  ],
});
