import { hopOf, originLink, segmentLinks } from '../../src/model/path-queries.js';
import { stepsOf } from '../../src/routing/flow-walk-types.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';
import { inside } from '../support/commands.js';
import { forgets } from '../support/once-mended.js';

export const brMacChanged = defineCheck({
  meta: {
    id: 'br-mac-changed',
    code: 'V2108',
    title: 'the container knows the MAC address that the bridge has',
    covers: ['br-mac-changed', 'ctr-gw-stale-mac'],
    requires: ['target.neighbours', 'host.links', 'host.addresses'],
    references: ['man 8 ip-link (address)', 'https://docs.kernel.org/networking/bridge.html'],
  },
  page: {
    meaning: 'The bridge has another MAC address than the container remembers: its frames are for nobody.',
    path: 'eth0 -> bridge port -> bridge: the destination MAC is neither the bridge nor known behind a port, so the frame goes nowhere.',
    decided:
      "The container's neighbour entry for its gateway holds a MAC that no device of the host has, the gateway's address is on the bridge, and the frames end at the bridge.",
    byHand: ['ip -n NETNS neigh show GATEWAY', 'ip -br link show BRIDGE'],
    origins: [
      'a bridge without an address of its own takes the lowest MAC of its ports: a port came or went',
      'the bridge was made anew while the container ran',
    ],
    fixes: [
      'ip -n NETNS neigh del GATEWAY dev eth0: at once, for this container',
      'ip link set BRIDGE address MAC: fixes the address of the bridge for good',
    ],
    prevention: 'Give bridges a MAC address of their own (MACAddressPolicy, ip link set BRIDGE address MAC).',
    lab: 'br-mac-changed',
  },
  run(artifacts, context) {
    const step = stepsOf(context.walk, 'neighbour').find(({ netns, way }) => netns === 'target' && way === 'forward');
    const entry = step?.detail.entry ?? null;
    const known = entry?.lladdr ?? null;
    const router = context.path.routers[0];
    const device = step?.device ?? null;
    if (!entry || known === null || device === null || router?.netns !== 'host' || !hopOf(context.path, 'bridge'))
      return notApplicable('the container has no MAC of a bridge of this host in its neighbour table');
    const bridge = artifacts['host.links'].find(({ ifname }) => ifname === router.iif);
    const owner = artifacts['host.addresses'].find(({ local }) => local === entry.address);
    if (!bridge || owner?.ifname !== bridge.ifname) return notApplicable(`${entry.address} is not the bridge's`);
    if (artifacts['host.links'].some(({ address }) => address === known))
      return pass(`${entry.address} has the MAC of a device of this host in the container`);
    const netns = context.netns('target');
    const link = segmentLinks(context.path).at(-1) ?? originLink(context.path);
    const byHand = entry.states.includes('PERMANENT');
    const product = fail({
      cause: byHand ? 'ctr-gw-stale-mac' : 'br-mac-changed',
      title: `the container sends to ${known}, not to the MAC of ${bridge.ifname}`,
      place: { link: link.id, stage: 'bridge-forward', way: 'forward', netns: 'host', device: bridge.ifname },
      loses: [{ link: link.id, way: 'forward' }],
      proof: [
        {
          kind: 'read',
          text: `neighbour ${entry.address} in the container: ${known} ${entry.states.join(' ')}`,
          command: inside(netns, ['ip', 'neigh', 'show', entry.address]),
        },
        {
          kind: 'read',
          text: `${bridge.ifname} has the MAC ${bridge.address}; no device of the host has ${known}`,
          command: ['ip', '-br', 'link', 'show', bridge.ifname],
        },
      ],
      remedies: [
        {
          kind: 'runtime',
          title: 'let the container ask for the MAC of its gateway again',
          netns: 'target',
          commands: [inside(netns, ['ip', 'neigh', 'del', entry.address, 'dev', device])],
          undo: [
            inside(netns, [
              'ip',
              'neigh',
              'replace',
              entry.address,
              'lladdr',
              known,
              'dev',
              device,
              'nud',
              byHand ? 'permanent' : 'stale',
            ]),
          ],
          risk: 'low',
          riskText: 'only this container is changed',
        },
      ],
      notes: byHand
        ? ['the entry was set by hand and does not age']
        : ['it heals by itself when the entry ages; other containers of the bridge have the same fault meanwhile'],
    });
    return { ...product, onceMended: forgets((one) => one.dev === device && one.address === entry.address) };
  },
});
