import { ip6McastSnoopingNoMld } from '../../checks/bridge/ip6-mcast-snooping-no-mld.js';
import type { BridgeGroups } from '../../src/model/state.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, type Edit, edited, link, neighbour, unread } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const unasked = recorded('ip6-mcast-snooping-no-mld');
const GROUP = 'ff02::1:ff00:3';

const bridge = (change: Readonly<Record<string, number>>): Edit =>
  link('host', 'br0', ({ data }) => ({ data: { ...data, ...change } }));
const groups = (change: Partial<BridgeGroups>): Edit =>
  artifact('host', 'bridgeGroups', (read) => ({
    members: [...read.members, ...(change.members ?? [])],
    routers: [...read.routers, ...(change.routers ?? [])],
  }));
const seenAt = (role: string): Edit => {
  const { path, sightings } = unasked;
  const hop = path.hops.find((one) => one.role === role)?.id ?? '';
  const question = sightings.find(({ kind }) => kind === 'neighbour-request');
  if (!question) throw new Error('no question was recorded');
  return (evidence) => ({ ...evidence, sightings: [...sightings, { ...question, hop }] });
};
const unseen: Edit = (evidence) => ({ ...evidence, sightings: [] });

const heardAtVeth1 = groups({ routers: [{ bridge: 'br0', port: 'veth1_p', isSet: false }] });
const BECAUSE = 'the bridge sends neighbour solicitations where they belong';
const NO_QUESTION = 'no bridge that snoops multicast is asked for a neighbour';

const lost = {
  cause: 'ip6-mcast-snooping-no-mld',
  place: {
    link: 'veth-host \u2013 bridge-port',
    stage: 'bridge-forward',
    way: 'forward',
    netns: 'host',
    device: 'veth2_p',
  },
  loses: ['socket \u2013 container forward', 'veth-host \u2013 bridge-port forward'],
  proof: 'read read seen',
  remedies: [['ip link set br0 type bridge mcast_snooping 0']],
} as const;

testCheck(ip6McastSnoopingNoMld, {
  fails: [
    {
      name: 'a group that no report named goes to no port where the bridge itself is the querier',
      evidence: unasked,
      findings: [lost],
    },
    {
      name: 'another querier that is heard has the same effect',
      evidence: edited(unasked, bridge({ mcast_querier: 0 }), heardAtVeth1),
      findings: [lost],
    },
    {
      name: 'a report from another port does not help',
      evidence: edited(unasked, groups({ members: [{ bridge: 'br0', port: 'veth1_p', group: GROUP }] })),
      findings: [lost],
    },
  ],
  passes: [
    {
      name: 'a group that was reported is sent on',
      evidence: edited(unasked, groups({ members: [{ bridge: 'br0', port: 'veth2_p', group: GROUP }] })),
      because: BECAUSE,
    },
    {
      name: 'a router port gets every group',
      evidence: edited(unasked, groups({ routers: [{ bridge: 'br0', port: 'veth2_p', isSet: true }] })),
      because: BECAUSE,
    },
    {
      name: 'without a querier what nobody reported is flooded',
      evidence: edited(unasked, bridge({ mcast_querier: 0 })),
      because: BECAUSE,
    },
    {
      name: 'a router port that a person set is no querier',
      evidence: edited(
        unasked,
        bridge({ mcast_querier: 0 }),
        groups({ routers: [{ bridge: 'br0', port: 'veth1_p', isSet: true }] }),
      ),
      because: BECAUSE,
    },
    {
      name: 'what is heard may be a querier of IPv4 alone: without a question that was seen nothing is said',
      evidence: edited(unasked, bridge({ mcast_querier: 0 }), heardAtVeth1, unseen),
      because: BECAUSE,
    },
    {
      name: 'a question that came out of the port was not kept back',
      evidence: edited(unasked, seenAt('bridge-port')),
      because: BECAUSE,
    },
    {
      name: 'a neighbour that was found',
      evidence: edited(
        unasked,
        neighbour('target', 'fd00:1::3', { states: ['REACHABLE'], lladdr: '02:00:00:00:00:03' }),
      ),
      because: BECAUSE,
    },
  ],
  notApplicable: [
    { name: 'snooping is off', evidence: edited(unasked, bridge({ mcast_snooping: 0 })), reason: NO_QUESTION },
    {
      name: 'VLANs that snoop each by itself are not judged',
      evidence: edited(unasked, bridge({ mcast_vlan_snooping: 1 })),
      reason: NO_QUESTION,
    },
    {
      name: 'groups that were not read',
      evidence: edited(unasked, unread('host', 'bridgeGroups')),
      reason: NO_QUESTION,
    },
    {
      name: 'IPv4 asks by broadcast',
      evidence: recorded('textbook'),
      reason: 'IPv4 asks for its neighbours by broadcast',
    },
  ],
});
