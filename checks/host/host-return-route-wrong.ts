import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { words } from '../support/commands.js';
import { globalAddresses, hasSubnetOf } from '../support/container.js';
import { askedProof, unansweredProof } from '../support/proofs.js';
import { isRoutedBack, leadsByDefault, misroutedReply } from '../support/return-device.js';

export const hostReturnRouteWrong = defineCheck({
  meta: {
    id: 'host-return-route-wrong',
    code: 'V3008',
    title: "the host's route back leads to the container",
    covers: ['host-return-route-wrong', 'host-stale-bridge-same-subnet', 'host-route-to-container-wrong-dev'],
    requires: ['host.links', 'host.addresses', 'host.routes', 'target.addresses'],
    references: ['man 8 ip-route'],
  },
  page: {
    meaning: "The host's route to the container leads to another device than the one the container is on.",
    path: 'reply: uplink -> PREROUTING (translated back) -> route look-up: another device. There nobody answers, or somebody else gets it.',
    decided:
      'The bridge and its address are there, the veth is its port, and yet the route to the container names another device.',
    byHand: ['ip route get CONTAINER-ADDRESS', 'ip route show match CONTAINER-ADDRESS'],
    origins: [
      'a bridge left over from a removed network with the same subnet',
      'a VPN route over the container subnet',
      'a stale /32 route',
    ],
    fixes: ['ip route del NETWORK dev WRONG: at once', 'ip link del BRIDGE, where it is a left-over without ports'],
    prevention: 'Remove networks with the tool that made them.',
    lab: 'host-rp-filter-container-side',
  },
  run(artifacts, context) {
    if (!isRoutedBack(context)) return notApplicable('no reply is routed on this path');
    const wrong = misroutedReply(context, artifacts['host.links']);
    if (!wrong) return pass('the route back is right');
    const { step, entry, chosen, veth } = wrong;
    const { route, rule } = step.detail.answer;
    if (chosen?.ifname === 'lo') return notApplicable('the host has the address of the container itself');
    if (!entry.flags.includes('UP')) return notApplicable(`${entry.ifname} is down`);
    if (rule && rule.table !== 'main' && rule.table !== 'local') return pass('a policy rule chose the table');
    if (!route || !chosen) return pass('there is no route back at all');
    const subnet = hasSubnetOf(artifacts['host.addresses'], entry.ifname, wrong.container);
    if (veth && chosen.kind === 'bridge' && (veth.master === null || !subnet))
      return notApplicable('the veth is on no bridge, or on another one');
    const bare = globalAddresses(artifacts['host.addresses'], context.flow.family).every(
      (address) => address.ifname !== entry.ifname,
    );
    if (bare && entry.kind === 'bridge') return notApplicable(`${entry.ifname} has no address`);
    if (artifacts['target.addresses'].some(({ local }) => local === step.detail.answer.gateway))
      return pass('the route back leads to the container by another network of it');
    if (leadsByDefault(step))
      return pass('only the default route is left for the container: no route of its own is wrong');
    const stale = chosen.kind === 'bridge';
    return fail({
      cause: stale ? 'host-stale-bridge-same-subnet' : 'host-route-to-container-wrong-dev',
      title: `the route to the container leads to ${chosen.ifname}, not to ${entry.ifname}`,
      place: {
        link: step.link,
        stage: 'route',
        way: 'return',
        netns: 'host',
        device: chosen.ifname,
        object: route.text,
      },
      loses: wrong.loses,
      proof: [
        { kind: 'read', text: route.text, command: ['ip', 'route', 'get', wrong.container ?? ''] },
        ...askedProof(context, 'route-return', 'host'),
        ...unansweredProof(context, wrong.container ?? ''),
      ],
      remedies: [
        {
          kind: 'runtime',
          title: 'delete that route',
          netns: 'host',
          commands: [['ip', 'route', 'del', ...words(route.text)]],
          undo: [['ip', 'route', 'add', ...words(route.text)]],
          risk: 'medium',
          riskText: 'whatever that route is for stops working',
        },
      ],
    });
  },
});
