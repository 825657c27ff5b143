import { hopOf } from '../../src/model/path-queries.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { hopLimitKey } from '../../src/routing/walk-origin.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { countedProof } from '../support/proofs.js';
import { seenErrorProof } from '../support/seen-errors.js';

export const ctrTtl1 = defineCheck({
  meta: {
    id: 'ctr-ttl-1',
    code: 'V1512',
    title: "the container's packets may pass routers",
    covers: ['ctr-ttl-1'],
    requires: ['target.sysctls'],
    references: ['man 7 ip (ip_default_ttl)', 'RFC 791 §3.2'],
  },
  page: {
    meaning:
      "The container's packets start with a TTL of 1: the first router, which is the host, does not pass them on.",
    path: 'socket -> TTL 1 -> bridge -> host: TTL used up, ICMP "time exceeded" -> nothing goes on.',
    decided:
      'The default TTL of the container is read, the walk uses it up at the host, and the captures end before FORWARD.',
    byHand: ['ip netns exec NAME sysctl net.ipv4.ip_default_ttl', 'tcpdump -p -vni VETH'],
    origins: ['a hardening script that took the setting for one of multicast', 'a sysctl option of the runtime'],
    fixes: ['sysctl -w net.ipv4.ip_default_ttl=64 in the container: at once', 'the sysctls option of the runtime'],
    prevention: 'Leave the default TTL alone.',
    lab: 'ctr-ttl-1',
  },
  run(artifacts, context) {
    const [router] = context.path.routers;
    if (!router) return notApplicable('nothing is routed on this path');
    const key = hopLimitKey(context.flow.family, hopOf(context.path, 'container')?.ifname ?? null);
    const value = Number(artifacts['target.sysctls'][key] ?? 64);
    const step = stepsOf(context.walk, 'ttl').find(({ way }) => way === 'forward');
    if (!step || value > context.path.routers.length)
      return pass(`the container's packets start with a TTL of ${value}`);
    const set = (to: number) => inside(context.netns('target'), ['sysctl', '-w', `${key}=${to}`]);
    return fail({
      cause: 'ctr-ttl-1',
      title: `the container's packets start with a TTL of ${value}`,
      place: { link: step.link, stage: 'forward', way: 'forward', netns: 'target', object: key },
      loses: [{ link: step.link, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `${key} = ${value} in the container`,
          command: inside(context.netns('target'), ['sysctl', key]),
        },
        ...countedProof(context, step.netns, 'Icmp.OutTimeExcds'),
        ...seenErrorProof(context, context.flow.family === 6 ? 3 : 11),
      ],
      remedies: [
        {
          kind: 'runtime',
          title: 'give the container the usual TTL',
          netns: 'target',
          commands: [set(64)],
          undo: [set(value)],
          risk: 'low',
          riskText: 'only this container is changed; gone when it is started again',
        },
      ],
    });
  },
});
