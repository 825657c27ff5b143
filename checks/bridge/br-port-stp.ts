import type { Finding } from '../../src/model/finding.js';
import { hopOf, lastRouter, originLink } from '../../src/model/path-queries.js';
import type { BridgePort, LinkState } from '../../src/model/state.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { type OwnPort, ownPort, uplinkPort } from '../support/bridge-port.js';

const NUMBER: Readonly<Record<string, string>> = {
  disabled: '0',
  listening: '1',
  learning: '2',
  forwarding: '3',
  blocking: '4',
};

export const brPortStp = defineCheck({
  meta: {
    id: 'br-port-stp',
    code: 'V2104',
    title: 'the bridge ports on the path forward',
    covers: ['br-port-stp', 'br-port-stp-blocking', 'br-port-stp-learning'],
    requires: ['host.links', 'host.bridgePorts'],
    references: ['man 8 bridge', 'https://docs.kernel.org/networking/bridge.html'],
  },
  page: {
    meaning:
      "The container's port of its bridge, or that of the NIC where the uplink is a bridge, is not in the forwarding state.",
    path: 'eth0 -> host end of the veth pair -> bridge port: listening, learning, blocking or disabled, so the frame is dropped.',
    decided:
      'The state of the port, and that the packet is seen on the port and not beyond it. The bridge itself is up.',
    byHand: ['bridge link show dev VETH', 'ip -d link show BRIDGE'],
    origins: [
      'STP is on: a new port waits two times the forward delay (30 s by default)',
      'a loop, found by STP',
      'a user-space STP daemon',
    ],
    fixes: [
      'ip link set BRIDGE type bridge stp_state 0: where the bridge has no loop',
      'bridge link set dev VETH state 3: this port alone',
    ],
    prevention: 'Bridges with only containers need no STP.',
    lab: 'br-port-stp-blocking',
  },
  run(artifacts, context) {
    const ports = portsOnPath(context, artifacts['host.bridgePorts']);
    if (ports.length === 0) return notApplicable('no bridge of this host is on the path');
    const working = ports.filter(({ port }) => isWorking(port, artifacts['host.links']));
    if (working.length === 0) return notApplicable(whyNot(ports, artifacts['host.links']));
    const [first, ...more] = working
      .filter(({ port }) => port.state !== 'forwarding')
      .map((one) => findingOf(one, artifacts['host.links']));
    return first
      ? fail(first, ...more)
      : pass(`${working.map(({ port }) => port.ifname).join(' and ')} ${working.length > 1 ? 'are' : 'is'} forwarding`);
  },
});

interface PassedPort extends OwnPort {
  /** The link before, on which the packets are lost as well: they wait for a neighbour that cannot be asked. */
  readonly before: string;
}

const portsOnPath = (context: CheckContext, ports: readonly BridgePort[]): readonly PassedPort[] => {
  const own = hopOf(context.path, 'veth-host')?.netns === 'host' ? ownPort(context, ports) : null;
  const beyond = uplinkPort(context, ports);
  return [
    ...(own ? [{ ...own, before: originLink(context.path).id }] : []),
    ...(beyond ? [{ ...beyond, before: lastRouter(context.path)?.link ?? beyond.link }] : []),
  ];
};

const isWorking = ({ ifname, master }: BridgePort, links: readonly LinkState[]): boolean => {
  const [bridge, port] = [master, ifname].map((name) => links.find((link) => link.ifname === name));
  return bridge?.flags.includes('UP') === true && ['UP', 'LOWER_UP'].every((flag) => port?.flags.includes(flag));
};

const whyNot = (ports: readonly PassedPort[], links: readonly LinkState[]): string => {
  const names = ports.map(({ port }) => port.ifname);
  const up = links.find(({ ifname, flags }) => names.includes(ifname) && flags.includes('UP'));
  return up && !up.flags.includes('LOWER_UP') ? `${up.ifname} has no carrier` : 'the bridge or its port is down';
};

const findingOf = ({ port, link, before }: PassedPort, links: readonly LinkState[]): Finding => {
  const bridge = links.find(({ ifname }) => ifname === port.master);
  const was = NUMBER[port.state] ?? '0';
  return {
    cause: port.state === 'learning' ? 'br-port-stp-learning' : 'br-port-stp',
    title: `bridge port ${port.ifname} is ${port.state}, not forwarding`,
    place: { link, stage: 'bridge-port', way: 'forward', netns: 'host', device: port.ifname },
    loses: [
      { link, way: 'forward' },
      { link: before, way: 'forward' },
    ],
    proof: [
      {
        kind: 'read',
        text: `${port.ifname}: master ${port.master} state ${port.state}`,
        command: ['bridge', 'link', 'show', 'dev', port.ifname],
      },
    ],
    remedies: [
      // The kernel's own STP does not let anybody else set the state of a port (EBUSY).
      bridge?.data['stp_state'] === 1
        ? {
            kind: 'runtime',
            title: `switch STP off on ${bridge.ifname}; a port that is listening or learning also forwards by itself within 30 s`,
            netns: 'host',
            commands: [['ip', 'link', 'set', bridge.ifname, 'type', 'bridge', 'stp_state', '0']],
            undo: [['ip', 'link', 'set', bridge.ifname, 'type', 'bridge', 'stp_state', '1']],
            risk: 'medium',
            riskText: 'if STP blocked the port because of a loop, the loop comes back',
          }
        : {
            kind: 'runtime',
            title: `let ${port.ifname} forward`,
            netns: 'host',
            commands: [['bridge', 'link', 'set', 'dev', port.ifname, 'state', '3']],
            undo: [['bridge', 'link', 'set', 'dev', port.ifname, 'state', was]],
            risk: 'medium',
            riskText: 'if somebody blocked the port because of a loop, the loop comes back',
          },
    ],
  };
};
