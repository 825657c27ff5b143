import { ip6DadFailed } from '../../checks/container/ip6-dad-failed.js';
import { testCheck } from '../helpers/check-cases.js';
import { addresses, type Edit, edited, flow } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const OWN = 'fd00:1::2';
const LINK_LOCAL = 'fe80::5c:ff:fe00:2';

const duplicate = addresses('target', (one) => [
  one.local === OWN ? { ...one, flags: ['dadfailed', 'tentative'] } : one,
]);
const another = addresses('target', (one) => [
  one,
  ...(one.local === OWN ? [{ ...one, local: 'fd00:1::9', flags: [] }] : []),
]);
const fromLinkLocal = flow({ source: LINK_LOCAL });
const onTheHost = addresses('host', (one) => [one, ...(one.local === 'fd00:1::1' ? [{ ...one, local: OWN }] : [])]);
const lateral: Edit = flow({ kind: 'lateral' });

const finding = {
  cause: 'ip6-dad-failed',
  place: { link: 'bridge \u2013 uplink', stage: 'route', way: 'forward', netns: 'host', device: 'br0' },
  loses: ['bridge \u2013 uplink forward'],
  proof: 'read',
  remedies: ['instruction'],
} as const;

testCheck(ip6DadFailed, {
  fails: [
    {
      name: 'an address that is a duplicate is not used, and a router forwards no packet from a link-local one',
      evidence: edited(recorded('ipv6'), duplicate, fromLinkLocal),
      findings: [finding],
    },
    {
      name: 'who else has it is said where that is known',
      evidence: edited(recorded('ipv6'), duplicate, fromLinkLocal, onTheHost),
      findings: [{ ...finding, proof: 'read read' }],
    },
  ],
  passes: [
    {
      name: 'another address takes its place',
      evidence: edited(recorded('ipv6'), another, duplicate, flow({ source: 'fd00:1::9' })),
      because: 'the packets come from fd00:1::9',
    },
  ],
  notApplicable: [
    {
      name: 'on its own link a link-local source will do',
      evidence: edited(recorded('br-mcast-flood-off-ipv6'), duplicate, fromLinkLocal, lateral),
      reason: 'no router is asked: a link-local source will do',
    },
    {
      name: 'an address that is used',
      evidence: recorded('ipv6'),
      reason: 'no address of the container was found to be a duplicate',
    },
    { name: 'IPv4 has no such address', evidence: recorded('textbook'), reason: 'IPv4 addresses are used at once' },
  ],
});
