import type { Finding } from '../../src/model/finding.js';
import { hopOf, originLink } from '../../src/model/path-queries.js';
import { type CheckContext, defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { globalAddresses } from '../support/container.js';
import { askedProof, socketErrorProof } from '../support/proofs.js';

export const ctrNoIp = defineCheck({
  meta: {
    id: 'ctr-no-ip',
    code: 'V1003',
    title: 'the container has an address',
    covers: ['ctr-no-ip', 'ip6-disabled-in-container', 'ip6-disabled'],
    requires: ['target.links', 'target.addresses', 'target.sysctls', 'host.neighbours', 'host.addresses'],
    references: ['man 8 ip-address'],
  },
  page: {
    meaning: "The container's interface is up but has no address, so it has no route either.",
    path: 'socket -> route look-up: no route, "Network is unreachable".',
    decided: 'No global address on any interface of the container but lo.',
    byHand: ['ip -n NETNS -br addr', 'ip -n NETNS route'],
    origins: [
      'IPAM ran out of addresses or failed',
      'a DHCP client in the container flushed the address',
      'a restored snapshot',
    ],
    fixes: [
      'docker network disconnect NET CONTAINER, then connect: IPAM gives a free address',
      'ip addr add ADDRESS/PREFIX dev eth0 and a default route: make sure that nobody else has the address',
    ],
    prevention: 'No DHCP client inside containers; watch the address pool of the network.',
    lab: 'ctr-no-ip',
  },
  run(artifacts, context) {
    const hop = hopOf(context.path, 'container');
    const device = artifacts['target.links'].find((link) => link.ifname === hop?.ifname);
    if (!device) return notApplicable('the container has no interface');
    const own = globalAddresses(artifacts['target.addresses'], context.flow.family);
    if (own.length > 0) return pass(`the container has ${own.map((address) => address.local).join(', ')}`);
    const netns = context.netns('target');
    const link = originLink(context.path);
    const disabled = context.flow.family === 6 ? disabledBy(artifacts['target.sysctls'], device.ifname) : null;
    if (disabled) return fail(switchedOff(context, device.ifname, disabled));
    const former = artifacts['host.neighbours'].find(
      (entry) => entry.family === context.flow.family && entry.lladdr !== null && entry.lladdr === device.address,
    );
    const gateway = globalAddresses(artifacts['host.addresses'], context.flow.family).find(
      (address) => address.ifname === former?.dev,
    );
    return fail({
      cause: 'ctr-no-ip',
      title: `the container's interface ${device.ifname} has no IPv${context.flow.family} address`,
      place: { link: link.id, stage: 'route', way: 'forward', netns: 'target', device: device.ifname },
      loses: [{ link: link.id, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `${device.ifname} is ${device.flags.includes('UP') ? 'up' : 'down'}, without a global address`,
          command: inside(netns, ['ip', '-br', 'addr', 'show', device.ifname]),
        },
        ...socketErrorProof(context),
        ...askedProof(context, 'route-origin'),
      ],
      remedies: [
        former && gateway
          ? {
              kind: 'runtime',
              title: `give back the address ${former.address} that this interface had (the host still knows it by its MAC)`,
              netns: 'target',
              commands: [
                inside(netns, ['ip', 'addr', 'add', `${former.address}/${gateway.prefixLength}`, 'dev', device.ifname]),
                inside(netns, ['ip', 'route', 'add', 'default', 'via', gateway.local]),
              ],
              undo: [
                inside(netns, ['ip', 'addr', 'del', `${former.address}/${gateway.prefixLength}`, 'dev', device.ifname]),
              ],
              risk: 'medium',
              riskText: 'check first that no other container was given this address since',
            }
          : {
              kind: 'instruction',
              title: isRuntimes(context)
                ? 'let the runtime give it an address again (docker network disconnect and connect)'
                : `nothing here tells which address it had: give it a free one (vethoscope build ${context.target.spelled}), or its own`,
              netns: 'host',
              commands: [],
              undo: [],
              risk: 'low',
              riskText: 'open connections of the container end',
            },
      ],
      notes: ['applications see "Network is unreachable" at once, not a time-out'],
    });
  },
});

/** A network that its maker gives addresses to by itself. */
const isRuntimes = ({ target }: CheckContext): boolean => !['pid', 'netns', 'path'].includes(target.kind);

/** The setting that keeps IPv6 off a device; `null` where none does. @see ip-sysctl in the kernel's documentation */
const disabledBy = (settings: Readonly<Record<string, string>>, device: string): string | null =>
  [device, 'all'].map((name) => `net.ipv6.conf.${name}.disable_ipv6`).find((key) => settings[key] === '1') ?? null;

const switchedOff = (context: CheckContext, device: string, key: string): Finding => {
  const link = originLink(context.path).id;
  return {
    cause: 'ip6-disabled-in-container',
    title: `IPv6 is switched off on the container's ${device}: disable_ipv6 = 1`,
    place: { link, stage: 'route', way: 'forward', netns: 'target', device, object: key },
    loses: [{ link, way: 'forward' }],
    proof: [
      { kind: 'read', text: `${key} = 1`, command: inside(context.netns('target'), ['sysctl', key]) },
      ...socketErrorProof(context),
      ...askedProof(context, 'route-origin'),
    ],
    remedies: [
      {
        kind: 'instruction',
        title: `switch it on (sysctl -w ${key}=0 in the container) and let the runtime give it an address again`,
        netns: 'target',
        commands: [],
        undo: [],
        risk: 'low',
        riskText: 'it was switched off by somebody: where that was meant, use IPv4',
      },
    ],
    notes: ['its IPv6 addresses and routes went when it was switched off'],
  };
};
