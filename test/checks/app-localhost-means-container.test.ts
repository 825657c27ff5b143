import { appLocalhostMeansContainer } from '../../checks/container/app-localhost-means-container.js';
import { testCheck } from '../helpers/check-cases.js';
import { artifact, edited, unread } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

const evidence = recorded('app-localhost-means-container');

const finding = {
  cause: 'app-localhost-means-container',
  place: { link: 'container – service', stage: 'socket', way: 'forward', netns: 'target' },
  loses: ['container – service forward'],
  proof: 'read read',
  remedies: ['instruction'],
} as const;

testCheck(appLocalhostMeansContainer, {
  fails: [
    { name: 'a service of the host that is asked for at localhost', evidence, findings: [finding] },
    {
      name: "also one that listens on the host's own loopback address alone",
      evidence: edited(
        evidence,
        artifact('host', 'sockets', (all) => all.map((one) => ({ ...one, address: '127.0.0.1' }))),
      ),
      findings: [finding],
    },
    {
      name: 'the same at ::1',
      evidence: edited(
        evidence,
        (whole) => ({ ...whole, flow: { ...whole.flow, family: 6, source: '::1', destination: '::1' } }),
        artifact('host', 'sockets', (all) => all.map((one) => ({ ...one, address: '::' }))),
      ),
      findings: [finding],
    },
  ],
  passes: [
    {
      name: 'a port that nobody has is not the fault of the container',
      evidence: edited(
        evidence,
        artifact('host', 'sockets', (all) => all.filter(({ port }) => port !== 8081)),
      ),
      because: 'no program of the host has tcp port 8081 either',
    },
    {
      name: 'a program of the container that has the port',
      evidence: edited(
        evidence,
        artifact('target', 'sockets', () => [{ protocol: 'tcp' as const, address: '0.0.0.0', port: 8081 }]),
      ),
      because: 'a program of the container answers',
    },
  ],
  notApplicable: [
    {
      name: 'sockets that could not be read',
      evidence: edited(evidence, unread('host', 'sockets')),
      reason: 'what listens could not be read',
    },
    {
      name: 'an address outside',
      evidence: recorded('host-dest-is-local-vip'),
      reason: 'the destination is no loopback address',
    },
  ],
});
