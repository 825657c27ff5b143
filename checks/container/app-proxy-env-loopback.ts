import { originLink } from '../../src/model/path-queries.js';
import type { ProcessContext, ProxyVariable } from '../../src/model/process-context.js';
import { walkHook } from '../../src/netfilter/walk-hook.js';
import { firstPacket } from '../../src/routing/probe-packet.js';
import { isLoopback, serviceFor } from '../../src/routing/service.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';

export const appProxyEnvLoopback = defineCheck({
  meta: {
    id: 'app-proxy-env-loopback',
    code: 'V1022',
    title: "no proxy is meant that the container's own localhost does not have",
    covers: ['app-proxy-env-loopback'],
    requires: ['target.sockets'],
    ofProcess: true,
    references: ['man 1 curl (ENVIRONMENT)', 'https://docs.docker.com/engine/cli/proxy/'],
  },
  page: {
    meaning:
      'The network is whole; the program asks a proxy on localhost, which is the container itself, and none is there.',
    path: 'socket -> lo of the container -> no program has the port: refused. The destination is never asked.',
    decided:
      'The destination is a URL of HTTP and our own probe to it is answered. The environment of the process names a proxy on a loopback address, no_proxy does not cover the destination, and no socket of the container has that port.',
    byHand: [
      "tr '\\0' '\\n' </proc/PID/environ | grep -i _proxy",
      'ip netns exec NAME ss -ltn',
      'curl --noproxy "*" http://HOST/',
    ],
    origins: [
      '~/.docker/config.json or a compose file with the proxy settings of the host',
      'docker build --build-arg http_proxy=http://127.0.0.1:3128',
    ],
    fixes: [
      'the address of the bridge in place of 127.0.0.1, and the proxy of the host listening there',
      'no http_proxy in the environment of the container',
    ],
    prevention: 'Proxy settings of containers name an address that they reach, never localhost.',
    lab: 'app-proxy-env-loopback',
  },
  run(artifacts, context) {
    const { flow, process, target } = context;
    const scheme = /^(https?):\/\//i.exec(flow.destinationText)?.[1]?.toLowerCase();
    if (!scheme || isLoopback(flow.destination)) return notApplicable('the destination is no URL of HTTP elsewhere');
    if (!process?.proxies) return notApplicable('the environment of no process was read');
    const meant = meantProxies(process, scheme === 'https');
    if (meant.length === 0) return pass(`process ${process.pid} is told of no proxy for ${scheme}`);
    if (process.isExempt) return pass('its no_proxy may cover the destination');
    const found = meant.map((proxy) => isThere(proxy, artifacts['target.sockets'], context));
    const [first] = meant;
    if (found.includes('yes') || !first?.place) return pass('a proxy that it is told of is there, or elsewhere');
    if (found.includes('unknown'))
      return notApplicable('whether a rule of the container leads to a proxy is not known');
    const { address, port } = first.place;
    const link = originLink(context.path);
    const where = { link: link.id, way: 'forward' as const };
    return fail({
      cause: 'app-proxy-env-loopback',
      title: `${target.name} asks a proxy on its own port ${port}, and none is there`,
      place: { ...where, stage: 'socket', netns: 'target', object: first.name },
      loses: [where],
      proof: [
        {
          kind: 'read',
          text: `${meant.map(({ name }) => name).join(', ')} of process ${process.pid} names a proxy at ${address}:${port}`,
          command: ['grep', '-zi', '_proxy=', `/proc/${process.pid}/environ`],
        },
        {
          kind: 'read',
          text: `no socket of ${target.name} listens on TCP port ${port}`,
          command: inside(context.netns('target'), ['ss', '-Hltn']),
        },
      ],
      remedies: [
        {
          kind: 'instruction',
          title: `start the container without ${first.name}, or with the address of a proxy that it reaches: 127.0.0.1 of the host is not its own`,
          netns: 'target',
          commands: [],
          undo: [],
          risk: 'low',
          riskText: 'the network is as it should be: nothing of it is to be changed',
        },
      ],
      notes: ['ping, and programs that know no proxy, work'],
    });
  },
});

/** The variables that every program of a scheme would follow; the capital spelling of http_proxy alone is read by few. */
const meantProxies = ({ proxies = [] }: ProcessContext, isTls: boolean): readonly ProxyVariable[] => {
  const named = (...names: readonly string[]) => proxies.filter(({ name }) => names.includes(name));
  const own = isTls ? named('https_proxy', 'HTTPS_PROXY') : named('http_proxy', 'HTTP_PROXY');
  if (own.length > 0) return own.every(({ name }) => name === 'HTTP_PROXY') ? [] : own;
  return named('all_proxy', 'ALL_PROXY');
};

/** Whether a proxy can be there: elsewhere, or on a loopback address where a program listens or a rule leads away. */
const isThere = (
  { place }: ProxyVariable,
  sockets: Parameters<typeof serviceFor>[0],
  context: CheckContext,
): 'yes' | 'no' | 'unknown' => {
  if (place === null) return 'yes';
  const netfilter = context.netfilter('target');
  const { address: destination, port } = place;
  const family = destination.includes(':') ? 6 : 4;
  const packet = {
    ...firstPacket({ ...context.flow, family, protocol: 'tcp', source: destination, destination, port }, 60),
    oif: 'lo',
  };
  if (serviceFor(sockets, packet)?.listens !== 'no') return 'yes';
  if (!netfilter) return 'unknown';
  const { translations, unknowns } = walkHook(netfilter, 'output', packet, {
    isLocalAddress: isLoopback,
    addressType: (address) => (isLoopback(address) ? 'local' : 'unicast'),
    primaryAddress: () => null,
  });
  return translations.length > 0 ? 'yes' : unknowns.length > 0 ? 'unknown' : 'no';
};
