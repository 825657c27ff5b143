import ipaddr from 'ipaddr.js';
import { hopOf, originLink } from '../../src/model/path-queries.js';
import type { RouteState } from '../../src/model/state.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { deviceKey, inside } from '../support/commands.js';
import { unansweredProof } from '../support/proofs.js';
import { isUnresolved } from '../support/unresolved.js';

export const hostProxyArpOff = defineCheck({
  meta: {
    id: 'host-proxy-arp-off',
    code: 'V3009',
    title: 'the host answers ARP for the gateway of a routed veth',
    covers: ['host-proxy-arp-off', 'host-proxy-arp-no-default-route'],
    requires: ['host.sysctls', 'host.routes', 'host.addresses'],
    references: [
      'https://docs.kernel.org/networking/ip-sysctl.html (proxy_arp)',
      'https://docs.tigera.io/calico/latest/reference/faq',
    ],
  },
  page: {
    meaning:
      "The container's gateway is an address that nobody has; the host must answer ARP for it on the veth (proxy ARP), and does not.",
    path: 'eth0 -> ARP for the gateway -> veth of the host: proxy_arp is off, or the host has no route to that address by another device, and stays silent.',
    decided:
      'The veth is no bridge port, no address of the host is the gateway, ARP for it fails in the container, and proxy_arp of the veth or a covering route is missing.',
    byHand: ['sysctl net.ipv4.conf.VETH.proxy_arp', 'ip route get 169.254.1.1', 'ip -n NETNS neigh'],
    origins: [
      'a sysctl file or a hardening script that sets proxy_arp to 0',
      'a node without a default route: proxy ARP answers only for what is routed elsewhere',
      'the agent of the CNI plugin stopped before it set the device up',
    ],
    fixes: [
      'sysctl -w net.ipv4.conf.VETH.proxy_arp=1: at once; restarting the agent of the CNI plugin does it for all',
      'ip route add GATEWAY/32 dev lo: where the node has no default route',
    ],
    prevention: 'Leave the sysctls of container devices to the CNI plugin.',
    lab: 'host-proxy-arp-off',
  },
  run(artifacts, context) {
    const step = stepsOf(context.walk, 'route').find(({ netns, way }) => netns === 'target' && way === 'forward');
    const gateway = step?.detail.answer.gateway ?? null;
    const device = step?.detail.answer.dev ?? null;
    const veth = hopOf(context.path, 'veth-host')?.ifname ?? null;
    if (
      gateway === null ||
      device === null ||
      veth === null ||
      hopOf(context.path, 'bridge') ||
      context.flow.family === 6
    )
      return notApplicable('the container has no gateway on a routed veth');
    if (artifacts['host.addresses'].some(({ local }) => local === gateway))
      return pass(`the host has ${gateway} itself`);
    const entry = context.neighbour('target', device, gateway);
    if (!isUnresolved(entry)) return pass(`${gateway} has a MAC in the container`);
    const sysctls = artifacts['host.sysctls'];
    const isOn = [veth, 'all'].some((name) => sysctls[`net.ipv4.conf.${name}.proxy_arp`] === '1');
    const route = artifacts['host.routes'].find((candidate) => leadsTo(candidate, gateway, veth));
    if (isOn && route) return pass(`the host answers for ${gateway}`);
    const origin = originLink(context.path);
    const key = deviceKey(veth, 'proxy_arp');
    return fail({
      cause: isOn ? 'host-proxy-arp-no-default-route' : 'host-proxy-arp-off',
      title: isOn
        ? `no route to the gateway ${gateway}: no proxy ARP on ${veth}`
        : `proxy_arp is off on ${veth}: no answer for ${gateway}`,
      place: {
        link: origin.id,
        stage: 'neighbour',
        way: 'forward',
        netns: 'host',
        device: veth,
        object: isOn ? `route to ${gateway}` : key,
      },
      loses: [{ link: origin.id, way: 'forward' }],
      proof: [
        isOn
          ? { kind: 'read', text: `no route of the host holds ${gateway}`, command: ['ip', 'route', 'get', gateway] }
          : { kind: 'read', text: `${key} = 0`, command: ['sysctl', key] },
        {
          kind: 'read',
          text: `neighbour ${gateway} in the container: ${entry?.states.join(' ')}`,
          command: inside(context.netns('target'), ['ip', 'neigh', 'show', gateway]),
        },
        ...unansweredProof(context, gateway),
      ],
      remedies: [
        isOn
          ? {
              kind: 'runtime',
              title: `give the host a route for ${gateway}`,
              netns: 'host',
              commands: [['ip', 'route', 'add', `${gateway}/32`, 'dev', 'lo']],
              undo: [['ip', 'route', 'del', `${gateway}/32`, 'dev', 'lo']],
              risk: 'low',
              riskText: `nothing is ever sent to ${gateway}: it is asked for, and never a destination`,
            }
          : {
              kind: 'runtime',
              title: `answer ARP on ${veth}`,
              netns: 'host',
              commands: [['sysctl', '-w', `${key}=1`]],
              undo: [['sysctl', '-w', `${key}=0`]],
              risk: 'low',
              riskText: `the host answers on ${veth} for every address that it has a route to by another device`,
            },
      ],
    });
  },
});

/** Proxy ARP answers for what is routed, by another device than the one that asks. */
const leadsTo = (route: RouteState, address: string, veth: string): boolean => {
  if (route.family !== 4 || route.type !== 'unicast' || route.table !== 'main') return false;
  if (route.nexthops.some(({ dev }) => dev === veth)) return false;
  return ipaddr.parse(address).match(ipaddr.parseCIDR(route.destination));
};
