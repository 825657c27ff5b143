import { ovlUnderlayRouteIntoTunnel } from '../../checks/overlay/ovl-underlay-route-into-tunnel.js';
import { testCheck } from '../helpers/check-cases.js';
import { addRoute, addRule, artifact, edited, removeRoutes } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const REMOTE = '198.51.101.20';
const healthy = recorded('flannel-vxlan');
const text = `${REMOTE} dev flannel.1 scope link`;
const intoTunnel = addRoute('host', {
  destination: `${REMOTE}/32`,
  nexthops: [{ dev: 'flannel.1', gateway: null, weight: 1, flags: [] }],
  text,
});

const finding = {
  cause: 'ovl-underlay-route-into-tunnel',
  place: {
    link: 'tunnel – uplink',
    stage: 'route',
    way: 'forward',
    netns: 'host',
    device: 'flannel.1',
    object: text,
  },
  loses: ['tunnel – uplink forward'],
  proof: 'read read',
} as const;

testCheck(ovlUnderlayRouteIntoTunnel, {
  fails: [
    {
      name: 'a route to the other host by the tunnel is taken out where another one leads there',
      evidence: edited(healthy, intoTunnel),
      findings: [{ ...finding, remedies: [[`ip route del ${text}`]] }],
    },
    {
      name: 'where no other does, an exception has to be added by a person',
      evidence: edited(
        healthy,
        removeRoutes('host', ({ destination }) => destination === '0.0.0.0/0'),
        intoTunnel,
      ),
      findings: [{ ...finding, remedies: ['instruction'] }],
    },
  ],
  passes: [
    {
      name: 'the other host is reached by the uplink',
      evidence: healthy,
      because: `the route to ${REMOTE} does not lead into flannel.1`,
    },
    {
      name: 'a rule that leads the packets of the tunnel elsewhere',
      evidence: edited(
        healthy,
        intoTunnel,
        addRoute('host', {
          table: '100',
          destination: '0.0.0.0/0',
          nexthops: [{ dev: 'eth0', gateway: '198.51.100.1', weight: 1, flags: [] }],
          text: 'default via 198.51.100.1 dev eth0 table 100',
        }),
        addRule('host', {
          priority: 100,
          destination: `${REMOTE}/32`,
          table: '100',
          text: `from all to ${REMOTE} lookup 100`,
        }),
      ),
      because: `the route to ${REMOTE} does not lead into flannel.1`,
    },
  ],
  notApplicable: [
    {
      name: 'without a tunnel there is no other end',
      evidence: recorded('flannel-host-gw'),
      reason: 'the flow leaves by no VXLAN device',
    },
    {
      name: 'an end that is not known',
      evidence: edited(
        recorded('ovl-fdb-missing'),
        artifact('host', 'fdb', (entries) => entries.filter(({ dst }) => dst === null)),
      ),
      reason: 'the other end of flannel.1 is not known',
    },
  ],
});
