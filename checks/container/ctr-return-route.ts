import { originLink } from '../../src/model/path-queries.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { deviceKey, inside } from '../support/commands.js';
import { askedProof, countedProof } from '../support/proofs.js';

export const ctrReturnRoute = defineCheck({
  meta: {
    id: 'ctr-return-route',
    code: 'V1011',
    title: 'the container takes answers by the device they come in by',
    covers: ['ctr-return-route', 'ctr-rp-filter'],
    requires: ['target.sysctls', 'target.addresses', 'host.links'],
    references: ['https://docs.kernel.org/networking/ip-sysctl.html (rp_filter)', 'RFC 3704'],
  },
  page: {
    meaning: 'The answer comes back by another device of the container, whose reverse-path check drops it.',
    path: 'reply: uplink -> route of the host to the container by its second network -> eth1 of the container: rp_filter: the route to the sender leads by eth0, dropped.',
    decided:
      "The host's route back names an address of the container on another device, rp_filter is strict there, and IPReversePathFilter of the container rises by our packets.",
    byHand: [
      'ip route get CONTAINER-ADDRESS',
      'nsenter -t PID -n sysctl net.ipv4.conf.all.rp_filter',
      'nsenter -t PID -n nstat -az TcpExtIPReversePathFilter',
    ],
    origins: ['a container on two networks, with one default route', 'rp_filter=1 inherited from the host'],
    fixes: [
      'rp_filter=2 in the container: at once',
      'source routing (ip rule from ADDRESS) in the container',
      'a route back by the first network on the host',
    ],
    prevention: 'One default network for each container, or policy routing in it.',
    lab: 'ctr-rp-filter',
  },
  run(artifacts, context) {
    const step = stepsOf(context.walk, 'return-device').find(({ netns }) => netns === 'host');
    const gateway = step?.detail.answer.gateway ?? null;
    const owner = artifacts['target.addresses'].find(({ local }) => local === gateway);
    const first = context.path.hops[1]?.ifname ?? null;
    if (!step || gateway === null || !owner || owner.ifname === first)
      return notApplicable('answers come by the device that the requests left by');
    const sysctls = artifacts['target.sysctls'];
    const value = (name: string) => Number(sysctls[`net.ipv4.conf.${name}.rp_filter`] ?? 0);
    const [setting, own] = [value('all'), value(owner.ifname)];
    if (Math.max(setting, own) !== 1) return pass(`${owner.ifname} of the container takes them`);
    const counted = countedProof(context, 'target', 'TcpExt.IPReversePathFilter');
    if (counted.length === 0) return pass('its reverse-path check dropped nothing');
    const netns = context.netns('target');
    const strict = [setting === 1 ? 'all' : null, own === 1 ? owner.ifname : null].flatMap((name) => name ?? []);
    const key = deviceKey(owner.ifname, 'rp_filter');
    return fail({
      cause: 'ctr-rp-filter',
      title: `rp_filter of ${owner.ifname} in the container drops the replies`,
      place: { link: step.link, stage: 'route', way: 'return', netns: 'target', device: owner.ifname, object: key },
      loses: [
        { link: step.link, way: 'return' },
        { link: originLink(context.path).id, way: 'return' },
      ],
      proof: [
        {
          kind: 'read',
          text: strict.map((name) => `rp_filter of ${name} in the container = 1`).join(', '),
          command: inside(netns, ['sysctl', key]),
        },
        {
          kind: 'read',
          text: `the host's route back: ${step.detail.answer.route?.text ?? ''}`,
          command: ['ip', 'route', 'get', context.flow.source ?? ''],
        },
        ...askedProof(context, 'route-return', 'host'),
        ...counted,
      ],
      remedies: [
        {
          kind: 'runtime',
          title: `let ${owner.ifname} take packets whose way back leads by another device`,
          netns: 'target',
          commands: [inside(netns, ['sysctl', '-w', `${key}=2`])],
          undo: [inside(netns, ['sysctl', '-w', `${key}=${own}`])],
          risk: 'low',
          riskText: 'only this container is changed; forged sources are checked loosely on that device',
        },
      ],
    });
  },
});
