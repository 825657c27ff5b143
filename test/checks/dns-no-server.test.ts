import { dnsNoServer } from '../../checks/container/dns-no-server.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited, flow } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const inContainer = {
  place: { link: 'container – service', stage: 'socket', way: 'forward', netns: 'target', device: 'lo' },
  loses: ['container – service forward'],
  proof: 'read counted read',
} as const;

testCheck(dnsNoServer, {
  fails: [
    {
      name: 'without a nameserver line 127.0.0.1 is asked, where nobody is',
      evidence: recorded('ctr-dns-no-nameserver'),
      findings: [{ cause: 'ctr-dns-no-nameserver', ...inContainer, remedies: ['instruction'] }],
    },
    {
      name: "the stub of the host's resolver is not in the container",
      evidence: recorded('ctr-dns-stub-127.0.0.53'),
      findings: [{ cause: 'ctr-dns-stub-127.0.0.53', ...inContainer, remedies: ['instruction'] }],
    },
    {
      name: "Docker's resolver has another port, to which a rule has to lead",
      evidence: recorded('dns-embedded-nat-missing'),
      findings: [
        {
          cause: 'dns-embedded-nat-missing',
          ...inContainer,
          remedies: [
            'instruction',
            ['udp', 'tcp'].map(
              (protocol) =>
                `ip netns exec net1 iptables -t nat -A OUTPUT -d 127.0.0.11/32 -p ${protocol} --dport 53 -j DNAT --to-destination 127.0.0.11:40053`,
            ),
          ],
        },
      ],
    },
    {
      name: 'where that resolver is gone too, no more is said than that nobody listens',
      evidence: edited(
        recorded('dns-embedded-nat-missing'),
        artifact('target', 'sockets', () => []),
      ),
      findings: [{ cause: 'dns-no-server', ...inContainer, remedies: ['instruction'] }],
    },
    {
      name: 'a name of the host that neither the hosts file nor DNS has',
      evidence: recorded('dns-host-docker-internal-missing'),
      findings: [
        {
          cause: 'dns-host-docker-internal-missing',
          place: { link: 'uplink – outside', stage: 'outside', way: 'forward', netns: 'host' },
          loses: ['uplink – outside forward'],
          proof: 'read asked',
          remedies: ['instruction'],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'a server that listens there is one',
      evidence: edited(
        recorded('ctr-dns-stub-127.0.0.53'),
        artifact('target', 'sockets', (all) => [...all, { protocol: 'udp' as const, address: '0.0.0.0', port: 53 }]),
      ),
      because: 'a program listens on 127.0.0.53 port 53',
    },
  ],
  notApplicable: [
    {
      name: 'a server on the host is the business of another check',
      evidence: recorded('dns-host-resolver-down'),
      reason: 'the DNS server is not in the container',
    },
    {
      name: 'the query for that name, asked for as such, says nothing about the hosts file',
      evidence: edited(
        recorded('dns-host-docker-internal-missing'),
        flow({ destinationText: 'dns://203.0.113.5/host.docker.internal' }),
      ),
      reason: 'the DNS server is not in the container',
    },
    {
      name: 'an echo asks no server',
      evidence: recorded('container-dns'),
      reason: 'the probe asks no DNS server',
    },
  ],
});
