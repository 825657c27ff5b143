import type { Step, Topology } from '../topology.js';
import { bridged, DESTINATION, translated, uplink, warmUp } from './textbook.js';

/** The namespace of the application by its process: what is traced where the process matters. */
export const APPLICATION = '/run/app/ns/net';

/** The same of a program without any capability, which may ping all the same. */
export const UNPRIVILEGED = '/run/unprivileged/ns/net';

const WITHOUT_CAPABILITIES = 'setpriv --bounding-set=-all --inh-caps=-all --ambient-caps=-all';

/**
 * Shell commands that start a program in the container, which ends with the lab; a link in /run leads to its folder under
 * /proc. It is there when they end.
 * @param before words that go before the program: what sets its capabilities or its environment
 */
export const startProgram = (link: string, before = ''): readonly string[] => [
  `nsenter --net=/run/netns/net1 ${before} tail --pid="$(cat /run/holder.pid)" -f /dev/null </dev/null >/dev/null 2>&1 & app=$!`,
  'while kill -0 $app && [ "$(cat /proc/$app/comm)" != tail ]; do sleep 0.01; done',
  `ln -sfn "/proc/$app" ${link}`,
];

/** Ends the program, and waits until it is gone. */
export const endProgram = (link: string): readonly string[] => [
  `kill "$(readlink ${link} | sed 's#.*/##')"`,
  `while [ -e ${link}/comm ]; do sleep 0.01; done`,
];

/** Lets the group of the lab's user ping without a capability, the only one that a user namespace need have. */
export const ALLOW_PINGS = 'sysctl -qw net.ipv4.ping_group_range="$(id -g) $(id -g)"';

const programs: readonly Step[] = [
  { netns: 'net1', commands: [ALLOW_PINGS] },
  {
    netns: 'host',
    commands: [...startProgram('/run/app'), ...startProgram('/run/unprivileged', WITHOUT_CAPABILITIES)],
  },
];

export const application: Topology = {
  id: 'application',
  title: 'one container on a bridge, with processes of its own',
  namespaces: ['net1', 'outside'],
  steps: [...uplink, ...bridged, ...translated, ...warmUp, ...programs],
  target: 'net1',
  destination: DESTINATION,
};
