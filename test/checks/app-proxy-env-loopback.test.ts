import { appProxyEnvLoopback } from '../../checks/container/app-proxy-env-loopback.js';
import type { ProcessContext } from '../../src/model/process-context.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, type Edit, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const evidence = recorded('app-proxy-env-loopback');

const HERE = { address: '127.0.0.1', port: 3128 } as const;

const withProcess =
  (change: Partial<ProcessContext>): Edit =>
  (whole) => ({ ...whole, process: { pid: 4711, rawSockets: 'yes', groups: [0], isExempt: false, ...change } });

const asking =
  (destinationText: string): Edit =>
  (whole) => ({ ...whole, flow: { ...whole.flow, destinationText } });

const finding = (object: string) =>
  ({
    cause: 'app-proxy-env-loopback',
    place: { link: 'socket – container', stage: 'socket', way: 'forward', netns: 'target', object },
    loses: ['socket – container forward'],
    proof: 'read read',
    remedies: ['instruction'],
  }) as const;

const ABSENT = 'a proxy that it is told of is there, or elsewhere';

testCheck(appProxyEnvLoopback, {
  fails: [
    { name: "the host's proxy at 127.0.0.1", evidence, findings: [finding('http_proxy')] },
    {
      name: 'in capitals for https, and both spellings',
      evidence: edited(
        evidence,
        asking('https://203.0.113.5/'),
        withProcess({
          proxies: [
            { name: 'https_proxy', place: HERE },
            { name: 'HTTPS_PROXY', place: HERE },
          ],
        }),
      ),
      findings: [finding('https_proxy')],
    },
    {
      name: 'one for everything',
      evidence: edited(
        evidence,
        withProcess({ proxies: [{ name: 'ALL_PROXY', place: { address: '127.0.0.1', port: 1080 } }] }),
      ),
      findings: [finding('ALL_PROXY')],
    },
  ],
  passes: [
    {
      name: 'a destination that no_proxy covers',
      evidence: edited(evidence, withProcess({ proxies: [{ name: 'http_proxy', place: HERE }], isExempt: true })),
      because: 'its no_proxy may cover the destination',
    },
    {
      name: 'a proxy that listens in the container',
      evidence: edited(
        evidence,
        artifact('target', 'sockets', () => [{ protocol: 'tcp' as const, address: '127.0.0.1', port: 3128 }]),
      ),
      because: ABSENT,
    },
    {
      name: 'a rule of the container leads the port elsewhere, as a mesh does',
      evidence: edited(
        evidence,
        artifact(
          'target',
          'iptablesNft',
          () =>
            '*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n-A OUTPUT -p tcp -m tcp --dport 3128 -j REDIRECT --to-ports 15001\nCOMMIT\n',
        ),
      ),
      because: ABSENT,
    },
    {
      name: 'a proxy elsewhere',
      evidence: edited(evidence, withProcess({ proxies: [{ name: 'http_proxy', place: null }] })),
      because: ABSENT,
    },
    {
      name: 'two spellings that do not agree: it hangs on the program',
      evidence: edited(
        evidence,
        withProcess({
          proxies: [
            { name: 'http_proxy', place: null },
            { name: 'HTTP_PROXY', place: HERE },
          ],
        }),
      ),
      because: ABSENT,
    },
    {
      name: 'HTTP_PROXY alone, which few programs read',
      evidence: edited(evidence, withProcess({ proxies: [{ name: 'HTTP_PROXY', place: HERE }] })),
      because: 'process 4711 is told of no proxy for http',
    },
    {
      name: 'a proxy for the other scheme',
      evidence: edited(evidence, withProcess({ proxies: [{ name: 'https_proxy', place: HERE }] })),
      because: 'process 4711 is told of no proxy for http',
    },
  ],
  notApplicable: [
    {
      name: 'a port of TCP, which need not be HTTP',
      evidence: edited(evidence, asking('tcp://203.0.113.5:80')),
      reason: 'the destination is no URL of HTTP elsewhere',
    },
    {
      name: 'an environment that could not be read',
      evidence: edited(evidence, withProcess({})),
      reason: 'the environment of no process was read',
    },
  ],
});
