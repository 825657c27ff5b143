import { ctrStaleHostRoute } from '../../checks/container/ctr-stale-host-route.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited, neighbour } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const evidence = recorded('ctr-stale-host-route');

const finding = {
  cause: 'ctr-stale-host-route',
  place: {
    link: 'socket – container',
    stage: 'neighbour',
    way: 'forward',
    netns: 'target',
    object: '203.0.113.5 via 192.168.0.77 dev eth0',
  },
  loses: ['socket – container forward'],
  remedies: [['ip -n net1 route del 203.0.113.5 via 192.168.0.77 dev eth0']],
} as const;

testCheck(ctrStaleHostRoute, {
  fails: [
    {
      name: 'a route for one address goes before the default: it is deleted',
      evidence,
      findings: [{ ...finding, proof: 'read read read seen' }],
    },
  ],
  passes: [
    {
      name: 'a next hop that answers is not stale, whoever has it',
      evidence: edited(
        evidence,
        neighbour('target', '192.168.0.77', { states: ['REACHABLE'], lladdr: '02:00:00:00:00:77' }),
      ),
      because: 'the gateway 192.168.0.77 has the MAC 02:00:00:00:00:77',
    },
  ],
  notApplicable: [
    {
      name: 'a wrong default gateway is no such route',
      evidence: recorded('ctr-wrong-gateway'),
      reason: 'the packets take no route through a gateway of its own',
    },
    {
      name: 'without a default route that works it is not known which of the two is wrong',
      evidence: edited(
        evidence,
        artifact('target', 'routes', (all) => all.filter(({ destination }) => destination !== '0.0.0.0/0')),
      ),
      reason: 'no default route leads to an address of the host',
    },
  ],
});
