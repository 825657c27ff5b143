import { hopOf, originLink } from '../../src/model/path-queries.js';
import { defineCheck, fail, notApplicable, pass } from '../define-check.js';

export const brFdbWrong = defineCheck({
  meta: {
    id: 'br-fdb-wrong',
    code: 'V2512',
    title: "the bridge has the container's MAC at its own port",
    covers: ['br-fdb-static-wrong-port'],
    requires: ['host.fdb', 'target.links'],
    references: ['man 8 bridge (fdb)'],
  },
  page: {
    meaning: "A static entry of the bridge's forwarding database leads the container's frames to another port.",
    path: "reply: uplink -> FORWARD -> bridge: the container's MAC is said to be at another port -> another container, which drops it.",
    decided:
      "The forwarding database has the MAC of the container's device, read there, at a port that is not its own.",
    byHand: ['bridge fdb show br BRIDGE', 'bridge -s link show dev VETH'],
    origins: ['an entry that a script or a CNI left for a container that moved', 'two containers with one MAC'],
    fixes: ['bridge fdb del MAC dev PORT master: the bridge learns it again'],
    prevention: 'Leave learning on, and set entries only for ports with learning off.',
    lab: 'br-fdb-static-wrong-port',
  },
  run(artifacts, context) {
    const [inner, port, bridge] = [
      hopOf(context.path, 'container'),
      hopOf(context.path, 'veth-host'),
      hopOf(context.path, 'bridge'),
    ];
    const link = context.path.links.find(({ from, to }) => from === port?.id && to === bridge?.id);
    if (!inner || !port?.ifname || !bridge?.ifname || !link || port.netns !== 'host')
      return notApplicable('the container is at no bridge of this host');
    const mac = artifacts['target.links'].find(({ ifname }) => ifname === inner.ifname)?.address ?? null;
    const entry = artifacts['host.fdb'].find(
      (one) => one.mac === mac && one.master === bridge.ifname && one.ifname !== port.ifname && isSet(one),
    );
    if (!entry) return pass(`${bridge.ifname} has the container's MAC at no other port`);
    const at = [entry.mac, 'dev', entry.ifname, 'master'];
    const sticky = entry.flags.includes('sticky') ? ['sticky'] : [];
    return fail({
      cause: 'br-fdb-static-wrong-port',
      title: `${bridge.ifname} sends the container's frames to ${entry.ifname}, not to ${port.ifname}`,
      place: { link: link.id, stage: 'bridge-port', way: 'return', netns: 'host', device: entry.ifname },
      // Answers of ARP go the same wrong way: without a neighbour entry nothing is sent at all.
      loses: [
        { link: link.id, way: 'return' },
        { link: originLink(context.path).id, way: 'forward' },
      ],
      proof: [
        {
          kind: 'read',
          text: `fdb ${entry.mac} dev ${entry.ifname} ${entry.state ?? ''}: the MAC of the container's ${inner.ifname}`,
          command: ['bridge', 'fdb', 'show', 'br', bridge.ifname],
        },
      ],
      remedies: [
        {
          kind: 'runtime',
          title: 'take the entry out: the bridge learns the right port',
          netns: 'host',
          commands: [['bridge', 'fdb', 'del', ...at]],
          undo: [['bridge', 'fdb', 'replace', ...at, 'static', ...sticky]],
          risk: 'low',
          riskText: 'one entry for this container; if learning is off, set one for the right port',
        },
      ],
    });
  },
});

/** What the bridge has learnt itself changes with the next frame of the container. */
const isSet = ({ state, flags }: { readonly state: string | null; readonly flags: readonly string[] }): boolean =>
  state === 'static' || state === 'permanent' || flags.includes('sticky');
