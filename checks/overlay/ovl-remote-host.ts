import { hopOf, wireLink } from '../../src/model/path-queries.js';
import type { LinkState } from '../../src/model/state.js';
import { type CheckContext, type CheckProduct, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { peerLoss } from '../support/peer.js';
import { peerFinding } from '../support/peer-causes.js';
import { controlProof } from '../support/proofs.js';
import { tunnelOf, wrapped } from '../support/tunnel.js';

export const ovlRemoteHost = defineCheck({
  meta: {
    id: 'ovl-remote-host',
    code: 'V6650',
    title: 'the other host gets the packets, forwards them and answers',
    covers: [
      'ovl-remote-host',
      'ovl-bad-udp-checksum',
      'ovl-fdb-wrong-vtep',
      'ovl-hostgw-upstream-no-route',
      'ovl-remote-forward-drop',
      'ovl-remote-route-missing',
      'ovl-rp-filter',
      'ovl-udp-blocked-underlay',
      'ovl-udp-port-blocked',
      'ovl-vni-mismatch',
    ],
    requires: ['host.links'],
    references: ['RFC 7348', 'man 8 ip-link (vxlan)', 'man 8 bridge (fdb)'],
  },
  page: {
    meaning:
      'The packets leave this host for another one, which --peer names, and are lost on the way there, on it, or on the way back.',
    path: 'uplink of this host -> network between the hosts -> uplink of the other -> its INPUT -> its end of the tunnel -> its route, reverse-path check and FORWARD -> its bridge, and back.',
    decided:
      'Captures on both hosts show where the packets are last seen, and the rules, routes, tunnel and counters of the other host show why. Without --peer nothing of the other host is read: then it is blamed only where this host itself is answered through the same tunnel, and the container is not.',
    byHand: [
      'on both hosts: tcpdump -p -ni eth0 udp port 8472',
      'on the other host: tcpdump -p -ni flannel.1',
      'on the other host: iptables -nvL; ip route get CONTAINER; nstat -az UdpInCsumErrors TcpExtIPReversePathFilter',
    ],
    origins: [
      'a firewall of the other host: its INPUT for the tunnel, its FORWARD policy for the containers',
      'its agent (flanneld) is stopped, or has another configuration',
      'this host knows an old address of the other one',
      'a security group between the hosts',
    ],
    fixes: [
      'let UDP of the tunnel into both hosts, and what is forwarded from and to the containers',
      'restart the agent of the host whose routes or entries are old',
    ],
    prevention: 'One configuration for the agents of all hosts, and a probe between containers of every two hosts.',
    lab: 'ovl-remote-forward-drop',
  },
  run(artifacts, context) {
    if (!context.peer) return fromHere(artifacts['host.links'], context);
    const loss = peerLoss(context);
    const finding = loss && peerFinding(artifacts['host.links'], context, loss);
    return finding
      ? fail(finding)
      : pass(`${context.peer.name} is not the other end, or loses nothing of what it sees`);
  },
});

/** Without the other host's word: its tunnel takes the packets and answers this host, but not the container. */
const fromHere = (links: readonly LinkState[], context: CheckContext): CheckProduct => {
  const { located, control, path } = context;
  const [tunnel, wire, uplink] = [tunnelOf(links, context), wireLink(path), hopOf(path, 'uplink')];
  if (!tunnel || tunnel.remote === null || !wire || !uplink?.inside)
    return notApplicable('no other host was named, and the flow leaves by no VXLAN device');
  const whole = wrapped(links, context);
  if (whole && whole.bytes > whole.under.mtu)
    return notApplicable('a check of its own looks at packets that do not fit once they are wrapped');
  if (control === null || control.answered === 0) return notApplicable('this host itself is not answered there either');
  if (context.fullSize) return pass('smaller packets are answered');
  if (located.answered > 0 || located.replyBy.length > 0) return pass('answers come back');
  const seen = located.counts.find(({ hop }) => hop === uplink.id);
  if (!seen?.trusted || seen.forward === 0) return notApplicable('the packets are not seen on the uplink');
  return fail({
    cause: 'ovl-remote-host',
    title: `${tunnel.remote} answers this host by ${tunnel.link.ifname}, not the container`,
    place: { link: wire.id, stage: 'outside', way: 'forward', netns: 'host', device: uplink.ifname ?? '' },
    loses: [
      { link: wire.id, way: 'forward' },
      { link: wire.id, way: 'return' },
    ],
    proof: [
      {
        kind: 'seen',
        text: `requests leave ${uplink.ifname} inside of UDP to ${tunnel.remote} port ${uplink.inside.port}, and no answer is seen there`,
        command: ['tcpdump', '-p', '-ni', uplink.ifname ?? '', 'udp', 'port', `${uplink.inside.port}`],
      },
      ...controlProof(context),
    ],
    remedies: [
      {
        kind: 'instruction',
        title: `nothing on this host shows why: trace again with --peer, or from ${tunnel.remote}`,
        netns: 'host',
        commands: [],
        undo: [],
        risk: 'low',
        riskText: 'nothing is changed here',
      },
    ],
    notes: [
      `${tunnel.remote} may have no route back to the container, check where its packets come from (rp_filter), or not forward them`,
    ],
  });
};
