import { hopOf, originLink } from '../../src/model/path-queries.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { type CheckContext, type CheckProduct, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { deviceKey, inside } from '../support/commands.js';
import { gatewayGuess } from '../support/container.js';
import { askedProof, countedProof } from '../support/proofs.js';

export const ctrReturnRoute = defineCheck({
  meta: {
    id: 'ctr-return-route',
    code: 'V1011',
    title: 'the container takes answers by the device they come in by',
    covers: ['ctr-return-route', 'ctr-rp-filter', 'pub-container-no-route-back'],
    inbound: 'also',
    requires: ['target.sysctls', 'target.addresses', 'host.addresses', 'host.links'],
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
    if (context.inbound) {
      const gateway = gatewayGuess(
        artifacts['target.addresses'],
        artifacts['host.addresses'],
        deviceOf(context),
        context.flow.family,
      );
      return noRouteBack(context, gateway);
    }
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
    const { replyBy, ambiguous } = context.located;
    if (counted.length === 0 && (replyBy.length > 0 || ambiguous.length > 0))
      return pass('its reverse-path check dropped nothing');
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

const deviceOf = ({ path }: CheckContext): string => hopOf(path, 'container')?.ifname ?? 'eth0';

/** A client's packets arrive, and the container has no route by which the answer could go back. */
const noRouteBack = (context: CheckContext, gateway: string | null): CheckProduct => {
  const step = stepsOf(context.walk, 'route').find(({ netns, way }) => netns === 'target' && way === 'return');
  if (!step) return notApplicable('the container is not walked back from');
  if (step.outcome !== 'drop') return pass('the container has a route back to the client');
  const netns = context.netns('target');
  const client = step.detail.query.destination;
  const device = deviceOf(context);
  const ip = context.flow.family === 6 ? ['ip', '-6'] : ['ip'];
  const route = ['default', 'via', gateway ?? '', 'dev', device];
  return fail({
    cause: 'pub-container-no-route-back',
    title: `${context.target.name} has no route back to the client ${client}`,
    place: { link: step.link, stage: 'route', way: 'return', netns: 'target', device },
    loses: [{ link: step.link, way: 'return' }],
    proof: [
      {
        kind: 'read',
        text: `no route of ${context.target.name} leads to ${client} (${step.detail.answer.outcome})`,
        command: inside(netns, [...ip, 'route', 'get', client]),
      },
      ...countedProof(context, 'target', 'Ip.OutNoRoutes'),
    ],
    remedies:
      gateway === null
        ? [
            {
              kind: 'instruction',
              title: 'give the container a default route to the address of its bridge',
              netns: 'target',
              commands: [],
              undo: [],
              risk: 'low',
              riskText: 'the bridge has no address in the network of the container: that comes first',
            },
          ]
        : [
            {
              kind: 'runtime',
              title: `give the container a default route by ${gateway}`,
              netns: 'target',
              commands: [inside(netns, [...ip, 'route', 'add', ...route])],
              undo: [inside(netns, [...ip, 'route', 'del', ...route])],
              risk: 'low',
              riskText: 'only this container is changed; lost when it is started anew',
            },
          ],
  });
};
