import { brFloodOff } from '../../checks/bridge/br-flood-off.js';
import { testCheck } from '../helpers/check-cases.js';
import { bridgePort, edited, link, neighbour } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(brFloodOff, {
  fails: [
    {
      name: 'a port that neither learns nor floods gets no reply: both are switched on',
      evidence: recorded('br-flood-off-no-learning'),
      findings: [
        {
          cause: 'br-flood-off-no-learning',
          place: {
            link: 'veth-host \u2013 bridge',
            stage: 'bridge-forward',
            way: 'return',
            netns: 'host',
            device: 'veth1_p',
          },
          loses: ['veth-host \u2013 bridge return'],
          proof: 'read',
          remedies: [['bridge link set dev veth1_p flood on learning on']],
        },
      ],
    },
    {
      name: 'a port without multicast hears no neighbour solicitation',
      evidence: recorded('br-mcast-flood-off-ipv6'),
      findings: [
        {
          cause: 'br-mcast-flood-off-ipv6',
          place: {
            link: 'veth-host \u2013 bridge-port',
            stage: 'bridge-forward',
            way: 'forward',
            netns: 'host',
            device: 'veth2_p',
          },
          loses: ['socket \u2013 container forward', 'veth-host \u2013 bridge-port forward'],
          proof: 'read seen',
          remedies: [['bridge link set dev veth2_p mcast_flood on']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a port without multicast is no harm to a neighbour that was found',
      evidence: edited(
        recorded('br-mcast-flood-off-ipv6'),
        neighbour('target', 'fd00:1::3', { states: ['REACHABLE'], lladdr: '02:00:00:00:00:03' }),
      ),
      because: 'the bridge finds the port',
    },
    {
      name: 'a bridge that snoops and has a querier sends what the port reported, although it floods nothing there',
      evidence: edited(
        recorded('br-mcast-flood-off-ipv6'),
        link('host', 'br0', ({ data }) => ({ data: { ...data, mcast_querier: 1 } })),
      ),
      because: 'the bridge finds the port',
    },
    { name: 'a port that floods is found', evidence: recorded('textbook'), because: 'the bridge finds the port' },
    {
      name: 'a port that floods although it does not learn gets its frames',
      evidence: edited(recorded('br-flood-off-no-learning'), bridgePort('veth1_p', { flood: true })),
      because: 'the bridge finds the port',
    },
  ],
  notApplicable: [
    {
      name: 'behind a routed veth no bridge decides',
      evidence: recorded('routed-veth'),
      reason: 'no bridge decides about these frames',
    },
  ],
});
