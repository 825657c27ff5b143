import type { Finding } from '../../src/model/finding.js';
import { hopOf, originLink } from '../../src/model/path-queries.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { globalAddresses, inSubnetOf } from '../support/container.js';
import { controlProof, unansweredProof } from '../support/proofs.js';
import { isUnresolved } from '../support/unresolved.js';

export const macvlanUpstreamMacFilter = defineCheck({
  meta: {
    id: 'macvlan-upstream-mac-filter',
    code: 'V6720',
    title: 'the network outside talks to the macvlan of the container',
    covers: ['macvlan-upstream-mac-filter', 'macvlan-wrong-subnet'],
    requires: ['target.links', 'host.links', 'host.addresses', 'target.addresses'],
    references: ['man 8 ip-link (macvlan)'],
  },
  page: {
    meaning:
      "The container's questions for its gateway leave by the NIC, and nobody answers them, although the same network answers the host.",
    path: 'container: "who has GATEWAY" -> macvlan -> NIC -> switch: frames with another MAC than that of the NIC are dropped, or the gateway is not of this network.',
    decided:
      "The container's ARP is seen on the NIC without an answer, and the host's own probe is answered. A container in another subnet than the NIC has the wrong address; one in the same subnet is refused by its MAC.",
    byHand: ['tcpdump -p -eni eth0 arp', 'ip -br addr show eth0', 'ip netns exec NAME ip neigh'],
    origins: [
      'a virtual switch with "promiscuous mode" or "forged transmits" off, a cloud network, or Wi-Fi: one MAC per port',
      'port security on the switch',
      'a macvlan network that was made with another subnet than that of the NIC',
    ],
    fixes: [
      'allow further MACs on the port (VMware: promiscuous mode, forged transmits and MAC changes)',
      'ipvlan in place of macvlan: it keeps the MAC of the NIC',
      "docker network create -d macvlan --subnet with the NIC's own subnet and gateway",
    ],
    prevention: 'Try a second MAC on the port before macvlan is planned for it.',
    lab: 'macvlan-upstream-mac-filter',
  },
  run(artifacts, context) {
    const container = hopOf(context.path, 'container');
    const device = artifacts['target.links'].find(({ ifname }) => ifname === container?.ifname);
    if (device?.kind !== 'macvlan') return notApplicable('the container has no macvlan');
    const below = hopOf(context.path, 'uplink');
    const parent = artifacts['host.links'].find(({ ifname }) => ifname === below?.ifname);
    if (below?.netns !== 'host' || !parent?.flags.includes('LOWER_UP'))
      return notApplicable('the NIC below the macvlan does not work');
    const gateway = stepsOf(context.walk, 'route').find(({ netns }) => netns === 'target')?.detail.answer.gateway;
    if (!gateway) return notApplicable('the container sends to no gateway');
    if (!isUnresolved(context.neighbour('target', device.ifname, gateway)))
      return pass(`the gateway ${gateway} answers the container`);
    const asked = context.located.neighbour.some(({ hop, address }) => hop === below.id && address === gateway);
    if (!asked || !context.control || context.control.answered === 0)
      return notApplicable('whether the network outside answers anybody is not known');
    const family = context.flow.family;
    const own = globalAddresses(artifacts['target.addresses'], family).find(({ ifname }) => ifname === device.ifname);
    const nics = globalAddresses(artifacts['host.addresses'], family).filter(({ ifname }) => ifname === parent.ifname);
    const [nic] = nics;
    if (!own || !nic) return notApplicable('the subnets cannot be compared');
    const proof: Finding['proof'] = [
      {
        kind: 'read',
        text: `${device.ifname} of the container: ${own.local}/${own.prefixLength}; ${nic.ifname}: ${nic.local}/${nic.prefixLength}`,
        command: ['ip', '-br', 'addr', 'show', nic.ifname],
      },
      ...unansweredProof(context, gateway),
      ...controlProof(context),
    ];
    return fail(
      inSubnetOf(gateway, nics)
        ? refused(context, proof, `${gateway} answers the host, but not the container's MAC`)
        : otherSubnet(context, proof, `${own.local}/${own.prefixLength} is not the network of ${parent.ifname}`),
    );
  },
});

const base = (context: CheckContext, proof: Finding['proof']) => {
  const link = originLink(context.path).id;
  return {
    place: { link, stage: 'neighbour' as const, way: 'forward' as const, netns: 'target' },
    loses: [{ link, way: 'forward' as const }] as const,
    proof,
  };
};

const byHand = (title: string) =>
  ({
    kind: 'instruction',
    title,
    netns: 'host',
    commands: [],
    undo: [],
    risk: 'low',
    riskText: 'nothing is changed here',
  }) as const;

const refused = (context: CheckContext, proof: Finding['proof'], title: string): Finding => ({
  cause: 'macvlan-upstream-mac-filter',
  title,
  ...base(context, proof),
  remedies: [byHand('let the port of the switch (or of the hypervisor) take further MACs, or use ipvlan')],
});

const otherSubnet = (context: CheckContext, proof: Finding['proof'], title: string): Finding => ({
  cause: 'macvlan-wrong-subnet',
  title,
  ...base(context, proof),
  remedies: [byHand('give the container an address and a gateway of the network of the NIC')],
});
