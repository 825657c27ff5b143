import { lastRouter, wireLink } from '../../src/model/path-queries.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { lostService } from '../support/lost-service.js';
import { listCommand } from '../support/proofs.js';

export const svcRulesMissing = defineCheck({
  meta: {
    id: 'svc-rules-missing',
    code: 'V5030',
    title: 'kube-proxy has its rules for services',
    covers: ['svc-rules-missing'],
    requires: ['host.links'],
    references: ['https://kubernetes.io/docs/reference/networking/virtual-ips/'],
  },
  page: {
    meaning:
      "The address of a service exists in rules alone. Where kube-proxy's chain is empty nothing translates it, and the packets leave by the default route, to nobody.",
    path: 'bridge -> PREROUTING: KUBE-SERVICES is empty -> route look-up: the default route -> uplink, with the address of the service.',
    decided:
      'The chain KUBE-SERVICES is there and has no rule; a packet for a private address leaves untranslated by the default route, and nothing comes back.',
    byHand: ['iptables -t nat -nvxL KUBE-SERVICES', 'kubectl -n kube-system get pods -l k8s-app=kube-proxy'],
    origins: ['kube-proxy is stopped, or cannot reach the API server', 'a firewall reload flushed the nat table'],
    fixes: ['restart kube-proxy on this node: it writes all rules anew'],
    prevention: 'Watch kube-proxy, and let no firewall manager flush tables that it did not make.',
    lab: 'svc-rules-missing',
  },
  run(_artifacts, context) {
    const router = lastRouter(context.path);
    const wire = wireLink(context.path);
    if (!router || !wire) return notApplicable('the flow does not leave the host');
    const lost = lostService(context);
    if (lost === 'no') return notApplicable('no chain of kube-proxy is empty');
    if (lost === 'unknown') return notApplicable('the rules of services were not read');
    if (context.located.answered > 0 || context.located.replyBy.length > 0) return pass('answers come back');
    const { destination } = context.flow;
    return fail({
      cause: 'svc-rules-missing',
      title: `KUBE-SERVICES is empty: nothing translates ${destination}`,
      place: {
        link: router.link,
        stage: 'prerouting',
        way: 'forward',
        netns: router.netns,
        object: `table ${lost.family} nat chain KUBE-SERVICES`,
      },
      loses: [
        { link: wire.id, way: 'forward' },
        { link: wire.id, way: 'return' },
      ],
      proof: [
        {
          kind: 'read',
          text: 'the chain KUBE-SERVICES of table nat has no rule',
          command: listCommand({
            ...lost,
            index: 1,
            handle: null,
            text: '',
            target: '',
            rejectWith: null,
            counter: null,
            comment: null,
          }),
        },
        { kind: 'seen', text: `requests leave ${router.oif} for ${destination}, untranslated, and nothing comes back` },
      ],
      remedies: [
        {
          kind: 'instruction',
          title:
            'restart kube-proxy on this node, it writes its rules anew: kubectl -n kube-system delete pod -l k8s-app=kube-proxy --field-selector spec.nodeName=NODE; with k3s or RKE2 it is part of that service',
          netns: 'host',
          commands: [],
          undo: [],
          risk: 'low',
          riskText: 'connections that stand go on; new ones to services fail until its rules are there, some seconds',
        },
      ],
    });
  },
});
