import { uplinkMultiNicReply } from '../../checks/uplink/uplink-multi-nic-reply.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, type Edit, edited, iptables, withoutFlags } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const multi = recorded('uplink-multi-nic-reply');

const answered: Edit = (evidence) => {
  const { probe } = evidence;
  if (!probe) throw new Error('no probe');
  const answers = probe.answers.map((answer) => ({ ...answer, outcome: 'answered' as const, rttMs: 1 }));
  return { ...evidence, probe: { ...probe, answered: probe.sent, answers } };
};

testCheck(uplinkMultiNicReply, {
  fails: [
    {
      name: 'answers that leave by the default route, not by the uplink of the request',
      evidence: multi,
      findings: [
        {
          cause: 'uplink-multi-nic-reply',
          place: {
            link: 'uplink – bridge',
            stage: 'route',
            way: 'return',
            netns: 'host',
            device: 'eth0',
            object: 'default via 198.51.100.1 dev eth0',
          },
          loses: ['uplink – bridge return'],
          proof: 'read inferred',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'another way back that works is no fault',
      evidence: edited(multi, answered),
      because: 'the answers leave by eth0, and arrive',
    },
  ],
  notApplicable: [
    {
      name: 'one uplink for both ways',
      evidence: recorded('pub-forward-drop'),
      reason: 'the answers leave by eth0 too',
    },
    {
      name: 'a rule that drops the answers is the nearer cause',
      evidence: edited(multi, iptables('host', '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -o eth0 -j DROP\nCOMMIT\n')),
      reason: 'a rule drops the answers',
    },
    {
      name: 'a device without a carrier is no way out',
      evidence: edited(multi, withoutFlags('host', 'eth0', 'LOWER_UP')),
      reason: 'eth0 is no uplink that works',
    },
    {
      name: 'a route made for the client is not the default one',
      evidence: edited(
        multi,
        artifact('host', 'routes', (routes) =>
          routes.map((route) =>
            route.destination === '0.0.0.0/0' ? { ...route, destination: '203.0.113.0/24' } : route,
          ),
        ),
      ),
      reason: 'a route of its own leads to the client',
    },
  ],
});
