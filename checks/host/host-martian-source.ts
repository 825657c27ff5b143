import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { globalAddresses } from '../support/container.js';
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
    fixes: ['an address of its own for the container', 'accept_local=1, where both are meant to have it'],
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
      remedies: [
        {
          kind: 'instruction',
          title: 'give the container an address of its own, or take the wrong src out of its route',
          netns: 'target',
          commands: [],
          undo: [],
          risk: 'medium',
          riskText: 'whoever gave out the address twice does it again',
        },
      ],
    });
    return own ? { ...product, onceMended: sendsFrom(own.local) } : product;
  },
});
