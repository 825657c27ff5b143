import type { Finding } from '../../src/model/finding.js';
import { hopOf, originLink } from '../../src/model/path-queries.js';
import type { BridgePort } from '../../src/model/state.js';
import { type StepOf, stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { unansweredProof } from '../support/proofs.js';
import { snoopingAt } from '../support/snooping.js';
import { isUnresolved } from '../support/unresolved.js';

export const brFloodOff = defineCheck({
  meta: {
    id: 'br-flood-off',
    code: 'V2107',
    title: 'the bridge knows behind which port the MAC address is, or floods',
    covers: ['br-flood-off', 'br-flood-off-no-learning', 'br-mcast-flood-off-ipv6'],
    requires: ['host.bridgePorts', 'host.links'],
    references: ['man 8 bridge (flood, mcast_flood, learning)'],
  },
  page: {
    meaning:
      'The bridge does not know the MAC address that a frame is for, and may not send it to the port where it is.',
    path: 'bridge: no forwarding entry for the MAC (the port does not learn), and unknown unicast is not flooded to the port.',
    decided: 'The port has "flood off", no entry leads to it, and the frames end at the bridge.',
    byHand: ['bridge -d link show dev VETH', 'bridge fdb show br BRIDGE'],
    origins: [
      'EVPN or CNI hardening that sets entries itself and forgot this one',
      'neigh_suppress set-ups',
      'bridge fdb flush',
    ],
    fixes: [
      'bridge link set dev VETH flood on learning on: at once',
      'bridge fdb add MAC dev VETH master static: where learning is meant to be off',
    ],
    prevention: 'Whoever switches learning off must keep the entries.',
    lab: 'br-flood-off-no-learning',
  },
  run(artifacts, context) {
    const steps = stepsOf(context.walk, 'bridge');
    if (steps.length === 0) return notApplicable('no bridge decides about these frames');
    const ports = artifacts['host.bridgePorts'];
    const lost = steps.map((step) => ({ step, port: portFor(context, step, ports) })).find(isLost);
    const unasked = unaskedPort(context, ports);
    if (!lost?.port) return unasked ? fail(noSolicitation(context, unasked)) : pass('the bridge finds the port');
    const { step, port } = lost;
    const bridge = artifacts['host.links'].find(({ ifname }) => ifname === port.master);
    if (!bridge?.flags.includes('UP')) return notApplicable(`${port.master} is down`);
    const set = ['bridge', 'link', 'set', 'dev', port.ifname];
    return fail({
      cause: port.learning ? 'br-flood-off' : 'br-flood-off-no-learning',
      title: `${port.master} does not know the MAC behind ${port.ifname}, and does not flood to it`,
      place: { link: step.link, stage: 'bridge-forward', way: step.way, netns: 'host', device: port.ifname },
      loses: [{ link: step.link, way: step.way }],
      proof: [
        {
          kind: 'read',
          text: `${port.ifname}: flood off, learning ${port.learning ? 'on' : 'off'}, and no forwarding entry leads to it`,
          command: ['bridge', '-d', 'link', 'show', 'dev', port.ifname],
        },
        ...unansweredProof(context, context.flow.source ?? ''),
      ],
      remedies: [
        {
          kind: 'runtime',
          title: `let ${port.master} flood to ${port.ifname} and learn from it`,
          netns: 'host',
          commands: [[...set, 'flood', 'on', 'learning', 'on']],
          undo: [[...set, 'flood', 'off', 'learning', port.learning ? 'on' : 'off']],
          risk: 'low',
          riskText: `frames for unknown addresses reach ${port.ifname} too`,
        },
      ],
    });
  },
});

/**
 * The other container's port, where the bridge sends no multicast to it and the container did not find its neighbour: IPv6
 * asks a multicast group for it.
 * @see RFC 4861 section 7.2.2
 */
const unaskedPort = (context: CheckContext, ports: readonly BridgePort[]): UnaskedPort | null => {
  const { flow, path } = context;
  const [own, far] = [hopOf(path, 'veth-host'), hopOf(path, 'bridge-port')];
  const device = hopOf(path, 'container')?.ifname;
  const link = path.links.find(({ from }) => from === own?.id);
  if (flow.family !== 6 || flow.kind !== 'lateral' || !far || !device || !link) return null;
  const port = ports.find(({ ifname }) => ifname === far.ifname);
  const bridge = port && context.device('host', port.master);
  const snooping = bridge && port ? snoopingAt(context, bridge, port.ifname, flow.destination) : null;
  // Without a querier what is asked is flooded, as with snooping off.
  const isSnooped = snooping !== null && snooping.querier !== null && snooping.reaches;
  const isFound = !isUnresolved(context.neighbour('target', device, flow.destination));
  return port === undefined || (port.multicastFlood ?? true) || isFound || isSnooped ? null : { port, link: link.id };
};

interface UnaskedPort {
  readonly port: BridgePort;
  readonly link: string;
}

const noSolicitation = (context: CheckContext, { port, link }: UnaskedPort): Finding => {
  const set = ['bridge', 'link', 'set', 'dev', port.ifname, 'mcast_flood'];
  return {
    cause: 'br-mcast-flood-off-ipv6',
    title: `no multicast goes to ${port.ifname}, and so no neighbour solicitation`,
    place: { link, stage: 'bridge-forward', way: 'forward', netns: 'host', device: port.ifname },
    loses: [
      { link: originLink(context.path).id, way: 'forward' },
      { link, way: 'forward' },
    ],
    proof: [
      {
        kind: 'read',
        text: `${port.ifname}: mcast_flood off`,
        command: ['bridge', '-d', 'link', 'show', 'dev', port.ifname],
      },
      ...unansweredProof(context, context.flow.destination),
    ],
    remedies: [
      {
        kind: 'runtime',
        title: `let ${port.master} send multicast to ${port.ifname}`,
        netns: 'host',
        commands: [[...set, 'on']],
        undo: [[...set, 'off']],
        risk: 'low',
        riskText: `${port.ifname} gets every multicast of ${port.master}`,
      },
    ],
    notes: ['IPv4 works: it asks by broadcast'],
  };
};

/** The port that the frame should leave by: the other container's, or on the way back the container's own. */
const portFor = (
  { path }: CheckContext,
  { way, detail }: StepOf<'bridge'>,
  ports: readonly BridgePort[],
): BridgePort | null => {
  const hop = hopOf(path, way === 'return' ? 'veth-host' : 'bridge-port');
  return ports.find(({ ifname, master }) => ifname === hop?.ifname && master === detail.bridge) ?? null;
};

const isLost = ({ step, port }: { readonly step: StepOf<'bridge'>; readonly port: BridgePort | null }): boolean => {
  const { outcome, ports } = step.detail.answer;
  if (port === null || port.flood || port.isolated) return false;
  if (port.state !== 'forwarding' && step.way === 'forward') return false;
  return (outcome === 'drop' || outcome === 'flood') && !ports.includes(port.ifname);
};
