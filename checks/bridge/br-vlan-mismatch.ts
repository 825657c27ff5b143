import type { Proof } from '../../src/model/finding.js';
import { hopOf, originLink } from '../../src/model/path-queries.js';
import type { BridgeVlan } from '../../src/model/state.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { ownPort } from '../support/bridge-port.js';
import { BRIDGE_TURN } from '../support/bridge-turns.js';
import { unansweredProof } from '../support/proofs.js';

export const brVlanMismatch = defineCheck({
  meta: {
    id: 'br-vlan-mismatch',
    code: 'V2114',
    title: 'the bridge port and where its frames go are in one VLAN',
    covers: ['br-vlan-mismatch', 'br-vlan-mismatch-c2c', 'br-vlan-no-pvid', 'br-vlan-self-missing'],
    requires: ['host.links', 'host.bridgePorts', 'target.links'],
    references: ['man 8 bridge (bridge vlan)', 'https://docs.kernel.org/networking/bridge.html'],
  },
  page: {
    meaning:
      'The bridge filters VLANs, and the container is in another one than the bridge, or than the other container.',
    path: 'eth0, untagged -> bridge port: taken into the VLAN of its PVID -> only what is a member of that VLAN gets it: another port, or the bridge itself (self).',
    decided:
      'vlan_filtering is 1, and the tables of "bridge vlan" leave no VLAN in which the frames, which carry no tag, come in by one port and go out by the other without one. The packets are not seen beyond the bridge.',
    byHand: ['ip -d link show BRIDGE (vlan_filtering)', 'bridge vlan show'],
    origins: [
      'vlan_filtering was switched on, and one port or the bridge itself (self) forgotten',
      'a CNI bridge plugin with "vlan", whose gateway is in another one',
      'an agent that puts ports without a binding into a dead VLAN: 4095 of Neutron',
    ],
    fixes: [
      'bridge vlan add vid N dev VETH pvid untagged',
      'bridge vlan add vid N dev BRIDGE self pvid untagged: the bridge itself',
      'ip link set BRIDGE type bridge vlan_filtering 0: where VLANs are not meant at all',
    ],
    prevention: 'Whoever sets a VLAN on a port sets it on the bridge itself too, where that is the gateway.',
    lab: null,
  },
  run(artifacts, context) {
    const { path, flow } = context;
    const own = ownPort(context, artifacts['host.bridgePorts']);
    if (!own || hopOf(path, 'veth-host')?.netns !== 'host')
      return notApplicable('the container is not on a bridge of this host');
    const { master, ifname } = own.port;
    const bridge = artifacts['host.links'].find((link) => link.ifname === master);
    if (bridge?.data['vlan_filtering'] !== 1) return notApplicable(`${master} does not filter VLANs`);
    const device = hopOf(path, 'container')?.ifname;
    if (artifacts['target.links'].find((link) => link.ifname === device)?.kind === 'vlan')
      return notApplicable('the container tags its frames itself');
    const peer = hopOf(path, 'bridge-port')?.ifname ?? null;
    const toBridge = peer === null && path.routers[0]?.iif === master;
    if (peer === null && !toBridge)
      return notApplicable('the frames leave the bridge by no port or device that is known');
    const far = peer ?? master;
    const vlans = context.bridgeVlans('host');
    if (vlans === null) return notApplicable('the VLANs of the ports were not read');
    const wrong = problemOf(vlans, ifname, far, peer !== null);
    if (wrong === null) return pass(`${ifname} and ${far} are in one VLAN`);
    const origin = originLink(path);
    return fail({
      cause: wrong.cause,
      title: wrong.title,
      place: {
        link: own.link,
        stage: 'bridge-forward',
        ...(wrong.cause === 'br-vlan-no-pvid' ? { turn: BRIDGE_TURN.vlanOfPort } : {}),
        way: 'forward',
        netns: 'host',
        device: wrong.device,
      },
      loses: [
        { link: own.link, way: 'forward' },
        { link: origin.id, way: 'forward' },
        { link: own.link, way: 'return' },
      ],
      proof: [
        {
          kind: 'read',
          text: `${master}: vlan_filtering 1`,
          command: ['ip', '-d', 'link', 'show', master],
        },
        ...[ifname, far].map(
          (dev): Proof => ({
            kind: 'read',
            text: `${dev}: ${membership(vlans, dev)}`,
            command: ['bridge', 'vlan', 'show', 'dev', dev],
          }),
        ),
        ...(peer === null ? [] : unansweredProof(context, flow.destination)),
      ],
      remedies: [
        {
          kind: 'instruction',
          title: `say which VLAN is right, and put both into it: ${wrong.command}`,
          netns: 'host',
          commands: [],
          undo: [],
          risk: 'medium',
          riskText: 'VLANs keep networks apart, often on purpose',
        },
      ],
    });
  },
});

interface Problem {
  readonly cause: string;
  readonly title: string;
  readonly device: string;
  readonly command: string;
}

const membership = (vlans: readonly BridgeVlan[], dev: string): string => {
  const own = vlans.filter(({ ifname }) => ifname === dev);
  const words = own.map(({ vlan, isPvid, isUntagged }) =>
    [`VLAN ${vlan}`, ...(isPvid ? ['PVID'] : []), ...(isUntagged ? ['untagged'] : [])].join(' '),
  );
  return words.length > 0 ? words.join(', ') : 'in no VLAN';
};

/** Why untagged frames do not pass from one to the other and back; `null` where they do. */
const problemOf = (vlans: readonly BridgeVlan[], port: string, far: string, isPort: boolean): Problem | null => {
  const pvidOf = (dev: string): number | null =>
    vlans.find(({ ifname, isPvid }) => ifname === dev && isPvid)?.vlan ?? null;
  const takes = (dev: string, vlan: number): boolean =>
    vlans.some((one) => one.ifname === dev && one.vlan === vlan && one.isUntagged);
  const [own, other] = [pvidOf(port), pvidOf(far)];
  const add = (vlan: number, dev: string, self: boolean): string =>
    `bridge vlan add vid ${vlan} dev ${dev}${self ? ' self' : ''} pvid untagged`;
  if (own === null)
    return {
      cause: 'br-vlan-no-pvid',
      title: `bridge port ${port} has no PVID: it takes no untagged frame`,
      device: port,
      command: add(other ?? 1, port, false),
    };
  if (other !== null && takes(far, own) && takes(port, other)) return null;
  const isMember = vlans.some(({ ifname, vlan }) => ifname === far && vlan === own);
  if (!isPort && !isMember && other === null)
    return {
      cause: 'br-vlan-self-missing',
      title: `bridge ${far} itself is not in VLAN ${own} of its port ${port}`,
      device: far,
      command: add(own, far, true),
    };
  return {
    cause: isPort ? 'br-vlan-mismatch-c2c' : 'br-vlan-mismatch',
    title: `${port} is in VLAN ${own}, and ${far} in ${other === null ? `no VLAN for it` : `VLAN ${other}`}`,
    device: port,
    command: add(other ?? own, port, false),
  };
};
