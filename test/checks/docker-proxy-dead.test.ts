import { expect, test } from 'vitest';
import { dockerProxyDead } from '../../checks/published/docker-proxy-dead.js';
import { pubDnatMissing } from '../../checks/published/pub-dnat-missing.js';
import { examine } from '../../src/engine/diagnose.js';
import { runChecks } from '../../src/engine/run-checks.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, asDocker, type Edit, edited, iptables, published } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

/** Docker's rules with docker-proxy, and without. */
const rules = (leftOut: string, address = '192.168.0.2'): Edit =>
  iptables(
    'host',
    `*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
[0:0] -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
[0:0] -A OUTPUT ${leftOut}-m addrtype --dst-type LOCAL -j DOCKER
[0:0] -A DOCKER ! -i br0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination ${address}:80
COMMIT
`,
    'nft',
  );

const noRules = artifact('host', 'nftables', () => '{"nftables":[]}');
const withoutSocket = artifact('host', 'sockets', (all) => all.filter(({ port }) => port !== 8080));
const local = recorded('pub-localhost-no-route-localnet');
const LEFT_OUT = '! -d 127.0.0.0/8 ';
const dead = edited(
  local,
  noRules,
  rules(LEFT_OUT),
  asDocker('0.0.0.0:8080->80/tcp'),
  published({ port: 80, proxy: null }),
  withoutSocket,
);

const finding = {
  cause: 'docker-proxy-dead',
  place: {
    link: 'socket – bridge',
    stage: 'output',
    way: 'forward',
    netns: 'host',
    object: 'table ip nat chain OUTPUT',
  },
  loses: ['socket – bridge forward'],
  proof: 'read read read read',
  remedies: [['docker restart net1']],
} as const;

testCheck(dockerProxyDead, {
  fails: [
    {
      name: 'the port is left to docker-proxy, which does not run',
      evidence: dead,
      findings: [finding],
    },
    {
      name: 'the docker-proxy of IPv6 alone is left',
      evidence: edited(
        dead,
        artifact('host', 'sockets', (all) => [...all, { protocol: 'tcp' as const, address: '::', port: 8080 }]),
      ),
      findings: [finding],
    },
  ],
  passes: [
    {
      name: 'docker-proxy runs',
      evidence: edited(dead, published({ proxy: { pid: 4711, container: '192.168.0.2', port: 80 } })),
      because: 'docker-proxy (PID 4711) has 127.0.0.1:8080',
    },
  ],
  notApplicable: [
    {
      name: 'Docker without docker-proxy',
      evidence: edited(dead, rules('')),
      reason: 'the port is not left to docker-proxy',
    },
    {
      name: 'another program of the host has the port',
      evidence: edited(
        dead,
        artifact('host', 'sockets', (all) => [...all, { protocol: 'tcp' as const, address: '127.0.0.1', port: 8080 }]),
      ),
      reason: 'the port is not left to docker-proxy',
    },
    {
      name: 'a port that Docker does not publish',
      evidence: edited(dead, published({ port: null })),
      reason: 'the port is not left to docker-proxy',
    },
    {
      name: 'a container of another runtime',
      evidence: edited(local, noRules, rules(LEFT_OUT), withoutSocket),
      reason: 'the port is not left to docker-proxy',
    },
    { name: 'a client outside', evidence: recorded('pub-dnat-missing'), reason: 'the host itself does not connect' },
  ],
});

test('the rule that is not meant to be there is not missed', () => {
  const { findings } = runChecks([pubDnatMissing], dead, examine(dead).context);
  expect(findings).toEqual([]);
});
