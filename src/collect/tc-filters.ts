import { inNetns } from '../host/in-netns.js';
import type { TcFilter } from '../model/state.js';
import { parseTcFilter } from '../parse/tc.js';
import type { Argv, Collector } from './collector.js';
import { qdiscs as allQdiscs } from './qdiscs.js';
import { runArtifact } from './run-artifact.js';

const filterCommand = (dev: string, hook: TcFilter['hook']): Argv => [
  'tc',
  '-j',
  '-s',
  'filter',
  'show',
  'dev',
  dev,
  hook,
];

/** Filters at the ingress and egress hooks of the given devices: only a clsact or ingress qdisc holds any. */
export const tcFilters: Collector<'tcFilters'> = {
  artifact: 'tcFilters',
  commands: (netns, options) => [
    ...allQdiscs.commands(netns, options),
    ...(options.devices ?? []).flatMap((dev) =>
      [filterCommand(dev, 'ingress'), filterCommand(dev, 'egress')].map((argv) => inNetns(netns, argv)),
    ),
  ],
  collect: async (netns, options) => {
    const devices = options.devices ?? [];
    const qdiscs = options.qdiscs ?? (await allQdiscs.collect(netns, options));
    if (!qdiscs.ok) return qdiscs;
    const hooks = qdiscs.value
      .filter((qdisc) => devices.includes(qdisc.dev))
      .flatMap(({ dev, kind }) => HOOKS[kind]?.map((hook) => ({ dev, hook })) ?? []);
    const lists = await Promise.all(
      hooks.map(({ dev, hook }) =>
        runArtifact(netns, filterCommand(dev, hook), options, (text) => parseTcFilter(text, dev, hook)),
      ),
    );
    const failed = lists.find((list) => !list.ok);
    if (failed && !failed.ok) return failed;
    return { ...qdiscs, value: lists.flatMap((list) => (list.ok ? list.value : [])) };
  },
};

const HOOKS: Readonly<Record<string, readonly TcFilter['hook'][] | undefined>> = {
  clsact: ['ingress', 'egress'],
  ingress: ['ingress'],
};
