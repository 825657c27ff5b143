import type { Hop } from '../../src/model/path.js';
import { originLink } from '../../src/model/path-queries.js';
import type { OvsPort } from '../../src/model/state.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';

/** Where Neutron puts a port that has no binding. @see neutron: DEAD_VLAN_TAG */
const DEAD = 4095;

export const ovsVlanTagMismatch = defineCheck({
  meta: {
    id: 'ovs-vlan-tag-mismatch',
    code: 'V2115',
    title: 'the ports of Open vSwitch that the packets pass have the same VLAN tag',
    covers: ['ovs-vlan-tag-mismatch'],
    requires: ['host.links'],
    references: ['man 5 ovs-vswitchd.conf.db (Port, tag)', 'man 8 ovs-vsctl'],
  },
  page: {
    meaning:
      'Open vSwitch takes the frames of the container into one VLAN, and what they are for is in another, or in none.',
    path: 'qvo, untagged -> port with "tag": its VLAN -> only ports of that VLAN get the frame; one without a tag gets it with the tag on, which its device does not take off.',
    decided:
      'The tags of the two ports, as the database of Open vSwitch has them, differ, no VLAN device takes the frames behind it, and they are not seen to be routed.',
    byHand: ['ovs-vsctl show', 'ovs-vsctl get port PORT tag', 'ovs-appctl fdb/show BRIDGE', 'tcpdump -e -p -ni DEVICE'],
    origins: [
      'a port that Neutron could not bind: it is in VLAN 4095, the dead one',
      'the agent was restarted and gave its networks other tags',
      'a port that was set by hand',
    ],
    fixes: [
      'bind the port anew: openstack port show (binding_vif_type), and the log of the agent on this host',
      'ovs-vsctl set port PORT tag=N, or ovs-vsctl clear port PORT tag: until the agent sets it again',
    ],
    prevention: 'Watch binding_failed: a port that is not bound is silent.',
    lab: 'ovs-vlan-tag-mismatch',
  },
  run(artifacts, context) {
    const ways = switchedLinks(context);
    const [way] = ways;
    if (!way) return notApplicable('the packets pass no Open vSwitch that is known');
    const { entry, exit, link, router } = way;
    if (entry.tag === exit.tag) return pass(`${entry.ifname} and ${exit.ifname} are in one VLAN`);
    const isTagged = exit.tag === null && (exit.trunks.length === 0 || exit.trunks.includes(entry.tag ?? 0));
    const untags = artifacts['host.links'].some(
      ({ kind, lower, data }) => kind === 'vlan' && lower === exit.ifname && data['id'] === entry.tag,
    );
    if (isTagged && untags) return notApplicable(`a VLAN device on ${exit.ifname} takes the frames`);
    const origin = originLink(context.path);
    return fail({
      cause: 'ovs-vlan-tag-mismatch',
      title: `${entry.ifname} is in ${vlanOf(entry)} of Open vSwitch, ${exit.ifname} in ${vlanOf(exit)}`,
      place: { link, stage: 'bridge-forward', way: 'forward', netns: 'host', device: entry.ifname },
      loses: [
        { link, way: 'forward' },
        ...(router && isTagged ? [{ link: router, way: 'forward' as const }] : []),
        { link: origin.id, way: 'forward' },
        { link, way: 'return' },
      ],
      proof: [
        {
          kind: 'read',
          text: `port ${entry.ifname} of ${entry.bridge}: ${tagOf(entry)}${entry.tag === DEAD ? ', where Neutron puts a port that it could not bind' : ''}`,
          command: ['ovs-vsctl', 'get', 'port', entry.ifname, 'tag'],
        },
        {
          kind: 'read',
          text: `port ${exit.ifname} of ${exit.bridge}: ${tagOf(exit)}${isTagged ? ', so the frames leave by it with their tag on, and no VLAN device takes it off' : ''}`,
          command: ['ovs-vsctl', 'get', 'port', exit.ifname, 'tag'],
        },
      ],
      remedies: [
        {
          kind: 'instruction',
          title:
            entry.tag === DEAD
              ? 'bind the port anew (openstack port show: binding_vif_type), and read the log of the agent on this host'
              : `say which VLAN is right, and set it where it is wrong: ovs-vsctl set port ${entry.ifname} tag=N`,
          netns: 'host',
          commands: [],
          undo: [],
          risk: 'medium',
          riskText: 'the agent of Neutron owns these tags, and VLANs keep networks apart on purpose',
        },
      ],
    });
  },
});

const vlanOf = ({ tag }: OvsPort): string => (tag === null ? 'no VLAN' : `VLAN ${tag}`);
const tagOf = ({ tag }: OvsPort): string => (tag === null ? 'no tag' : `tag ${tag}`);

interface Switched {
  readonly entry: OvsPort;
  readonly exit: OvsPort;
  /** The link that Open vSwitch decides about, and the one on which the packets are routed behind it. */
  readonly link: string;
  readonly router: string | null;
}

const switchedLinks = ({ path, ovsPorts }: CheckContext): readonly Switched[] => {
  const portAt = (hop: Hop | undefined): OvsPort | undefined =>
    hop?.netns === 'host' ? ovsPorts?.find(({ ifname }) => ifname === hop.ifname) : undefined;
  return path.links.flatMap(({ id, from, to }) => {
    const [entry, exit] = [from, to].map((hop) => portAt(path.hops.find((one) => one.id === hop)));
    const router = path.routers.find((one) => one.netns === 'host' && one.iif === exit?.ifname)?.link ?? null;
    return entry && exit && entry.bridge === exit.bridge ? [{ entry, exit, link: id, router }] : [];
  });
};
