import type { Remedy } from '../../src/model/finding.js';
import type { AddressState, RouteState } from '../../src/model/state.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside, words } from '../support/commands.js';
import { globalAddresses, inSubnetOf } from '../support/container.js';
import { sendsFrom } from '../support/once-mended.js';
import { countedProof } from '../support/proofs.js';

export const hostMartianSource = defineCheck({
  meta: {
    id: 'host-martian-source',
    code: 'V3516',
    title: 'the container does not send from an address of the host',
    covers: ['host-martian-own-source'],
    requires: ['host.addresses', 'target.addresses'],
    references: ['man 8 sysctl (accept_local)', 'fib_validate_source in net/ipv4/fib_frontend.c'],
  },
  page: {
    meaning: 'The container sends from an address that the host has itself: the host takes the packets for forged.',
    path: 'bridge -> route look-up: the source is an address of this host -> martian source, dropped.',
    decided: 'The source of the probe is read as an address of the host, and accept_local is off for that device.',
    byHand: ['ip -br addr', 'ip netns exec NAME ip route get DESTINATION', 'sysctl net.ipv4.conf.BRIDGE.accept_local'],
    origins: ['the same address given to the host and to the container', 'a route of the container with the wrong src'],
    fixes: [
      'an address of its own for the container',
      'ip route replace default via GATEWAY dev eth0 src ADDRESS in the container: the address in the network of the host',
      'accept_local=1, where both are meant to have it',
    ],
    prevention: 'One tool that gives out the addresses.',
    lab: 'host-martian-own-source',
  },
  run(artifacts, context) {
    const step = stepsOf(context.walk, 'reverse-path').find(
      ({ way, netns, detail }) => way === 'forward' && netns === 'host' && detail.answer.because === 'local-source',
    );
    if (!stepsOf(context.walk, 'reverse-path').some(({ netns }) => netns === 'host'))
      return notApplicable('the host routes nothing on this path');
    const { source } = context.flow;
    const twin = artifacts['host.addresses'].find(({ local }) => local === source);
    if (!step || !twin) return pass('the source is no address of the host');
    const own = globalAddresses(artifacts['target.addresses'], context.flow.family).find(
      ({ local }) => local !== source,
    );
    const product = fail({
      cause: 'host-martian-own-source',
      title: `the container sends from ${source}, which the host has on ${twin.ifname}`,
      place: { link: step.link, stage: 'route', way: 'forward', netns: 'host', device: step.detail.device },
      loses: [{ link: step.link, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `${twin.local}/${twin.prefixLength} is an address of the host on ${twin.ifname}`,
          command: ['ip', '-br', 'addr', 'show', twin.ifname],
        },
        {
          kind: 'asked',
          text: `the container's route chooses this source for ${context.flow.destination}`,
          command: inside(context.netns('target'), ['ip', 'route', 'get', context.flow.destination]),
        },
        ...countedProof(context, 'host', 'TcpExt.IPReversePathFilter'),
      ],
      remedies: [remedyOf(context, artifacts['host.addresses'], artifacts['target.addresses'], step.detail.device)],
    });
    return own ? { ...product, onceMended: sendsFrom(own.local) } : product;
  },
});

/**
 * Certain where the container's own route names the source, and exactly one address of the container lies in the subnet
 * of the host's device to it: the same route with that one.
 */
const remedyOf = (
  context: CheckContext,
  host: readonly AddressState[],
  target: readonly AddressState[],
  device: string,
): Remedy => {
  const { source, family } = context.flow;
  const route = stepsOf(context.walk, 'route').find(({ netns, way }) => netns === 'target' && way === 'forward')?.detail
    .answer.route;
  const subnets = host.filter((one) => one.ifname === device && one.family === family);
  const own = globalAddresses(target, family).filter(
    ({ local }) => local !== source && inSubnetOf(local, subnets) !== null,
  );
  const [address] = own;
  if (
    route &&
    address &&
    own.length === 1 &&
    context.source === null &&
    route.prefsrc === source &&
    route.protocol !== 'kernel'
  )
    return byOwnAddress(context, route, address.local);
  return {
    kind: 'instruction',
    title: 'give the container an address of its own, or take the wrong src out of its route',
    netns: 'target',
    commands: [],
    undo: [],
    risk: 'medium',
    riskText: 'whoever gave out the address twice does it again',
  };
};

const byOwnAddress = (context: CheckContext, { text, prefsrc }: RouteState, address: string): Remedy => {
  const replace = (line: string) => inside(context.netns('target'), ['ip', 'route', 'replace', ...words(line)]);
  return {
    kind: 'runtime',
    title: `let the container's route choose ${address}, its address in the network of the host`,
    netns: 'target',
    commands: [replace(text.replace(`src ${prefsrc}`, `src ${address}`))],
    undo: [replace(text)],
    risk: 'low',
    riskText: 'whoever gave out the address twice does it again; gone when the container is started again',
  };
};
