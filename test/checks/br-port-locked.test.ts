import { brPortLocked } from '../../checks/bridge/br-port-locked.js';
import { testCheck } from '../helpers/check-cases.js';
import { bridgePort, type Edit, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

/** The MAC of the container as a forwarding entry of its port. */
const knownMac: Edit = (evidence) => {
  const links = evidence.before['target']?.links;
  const mac = links?.ok ? (links.value.find(({ ifname }) => ifname === 'eth0')?.address ?? '') : '';
  const entry = { mac, ifname: 'veth1_p', master: 'br0', dst: null, flags: [], state: 'static' };
  const fdb = { ok: true as const, value: [entry], command: ['bridge', '-j', 'fdb', 'show'], ms: 0 };
  const host = evidence.before['host'];
  return host ? { ...evidence, before: { ...evidence.before, host: { ...host, fdb } } } : evidence;
};

testCheck(brPortLocked, {
  fails: [
    {
      name: 'a locked port that does not know the MAC takes nothing: the lock is taken off',
      evidence: recorded('br-port-locked'),
      findings: [
        {
          cause: 'br-port-locked',
          place: {
            link: 'veth-host \u2013 bridge',
            stage: 'bridge-forward',
            turn: -1,
            way: 'forward',
            netns: 'host',
            device: 'veth1_p',
          },
          loses: ['veth-host \u2013 bridge forward', 'socket \u2013 container forward'],
          proof: 'read',
          remedies: [['bridge link set dev veth1_p locked off']],
        },
      ],
    },
  ],
  passes: [
    { name: 'a port without a lock is in order', evidence: recorded('textbook'), because: 'veth1_p is not locked' },
    {
      name: 'a locked port that has the MAC lets it pass',
      evidence: edited(recorded('br-port-locked'), bridgePort('veth1_p', { locked: true }), knownMac),
      because: 'veth1_p is locked and knows the MAC of the container',
    },
  ],
  notApplicable: [
    {
      name: 'a routed veth is on no bridge',
      evidence: recorded('routed-veth'),
      reason: 'the container is on no bridge',
    },
  ],
});
