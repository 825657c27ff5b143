import { hostIfForwardingOff } from '../../checks/host/host-if-forwarding-off.js';
import { testCheck } from '../helpers/check-cases.js';
import { edited, sysctl } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(hostIfForwardingOff, {
  fails: [
    {
      name: 'forwarding that is off for the bridge alone loses the requests',
      evidence: recorded('host-if-forwarding-off-bridge'),
      findings: [
        {
          cause: 'host-if-forwarding-off-bridge',
          place: {
            link: 'bridge – uplink',
            stage: 'route',
            way: 'forward',
            netns: 'host',
            device: 'br0',
            object: 'net.ipv4.conf.br0.forwarding',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read asked counted',
          remedies: [['sysctl -w net.ipv4.conf.br0.forwarding=1']],
        },
      ],
    },
    {
      name: 'forwarding that is off for the uplink alone loses the replies',
      evidence: edited(recorded('textbook'), sysctl('host', 'net.ipv4.conf.eth0.forwarding', '0')),
      findings: [
        {
          cause: 'host-if-forwarding-off',
          place: {
            link: 'bridge – uplink',
            stage: 'route',
            way: 'return',
            netns: 'host',
            device: 'eth0',
            object: 'net.ipv4.conf.eth0.forwarding',
          },
          loses: ['bridge – uplink return'],
          proof: 'read asked',
          remedies: [['sysctl -w net.ipv4.conf.eth0.forwarding=1']],
        },
      ],
    },
    {
      name: 'off on both, both are found',
      evidence: edited(
        recorded('textbook'),
        sysctl('host', 'net.ipv4.conf.br0.forwarding', '0'),
        sysctl('host', 'net.ipv4.conf.eth0.forwarding', '0'),
      ),
      findings: [
        {
          cause: 'host-if-forwarding-off-bridge',
          place: {
            link: 'bridge – uplink',
            stage: 'route',
            way: 'forward',
            netns: 'host',
            device: 'br0',
            object: 'net.ipv4.conf.br0.forwarding',
          },
          loses: ['bridge – uplink forward'],
          proof: 'read asked',
          remedies: [['sysctl -w net.ipv4.conf.br0.forwarding=1']],
        },
        {
          cause: 'host-if-forwarding-off',
          place: {
            link: 'bridge – uplink',
            stage: 'route',
            way: 'return',
            netns: 'host',
            device: 'eth0',
            object: 'net.ipv4.conf.eth0.forwarding',
          },
          loses: ['bridge – uplink return'],
          proof: 'read asked',
          remedies: [['sysctl -w net.ipv4.conf.eth0.forwarding=1']],
        },
      ],
    },
  ],
  passes: [
    { name: 'interfaces that forward are in order', evidence: recorded('textbook'), because: 'br0 and eth0 forward' },
    {
      name: 'an interface that is not on the path may be off',
      evidence: edited(recorded('textbook'), sysctl('host', 'net.ipv4.conf.veth1_p.forwarding', '0')),
      because: 'br0 and eth0 forward',
    },
  ],
  notApplicable: [
    {
      name: 'traffic within a bridge is not forwarded',
      evidence: recorded('two-containers'),
      reason: 'nothing is forwarded on this path',
    },
    {
      name: 'off altogether is the business of another check',
      evidence: recorded('host-ip-forward-off'),
      reason: 'forwarding is off altogether',
    },
  ],
});
