import { inNetns } from '../host/in-netns.js';
import type { NetnsRef } from '../model/netns.js';
import { parseConntrack } from '../parse/conntrack.js';
import { parseSysctls } from '../parse/sysctl.js';
import type { Argv, CollectOptions, Collector } from './collector.js';
import { runArtifact } from './run-artifact.js';

const FILL = '/proc/sys/net/netfilter/nf_conntrack_';
const FILL_COMMAND = ['grep', '-Hs', '', `${FILL}count`, `${FILL}max`];

/** Connections of the flow, whichever end began them, and how full the table is. */
export const conntrack: Collector<'conntrack'> = {
  artifact: 'conntrack',
  commands: (netns, options) => [...listCommands(options), FILL_COMMAND].map((argv) => inNetns(netns, argv)),
  collect: async (netns, options) => {
    const fill = await readFill(netns, options);
    // Where the kernel follows no connection, as in most containers, it need not be asked for any.
    const commands = fill.count === 0 ? [] : listCommands(options);
    const lists = await Promise.all(commands.map((argv) => runArtifact(netns, argv, options, parseConntrack)));
    const failed = lists.find((list) => !list.ok);
    if (failed && !failed.ok) return failed;
    const listed = lists.flatMap((list) => (list.ok ? list.value : []));
    const entries = [...new Map(listed.map((entry) => [entry.text, entry])).values()];
    const [first] = lists;
    return {
      ok: true,
      value: { entries, ...fill },
      command: first?.command ?? FILL_COMMAND,
      ms: Math.max(0, ...lists.map((list) => list.ms)),
    };
  },
};

/** Without a flow no connection is read: a busy host has a million. */
const listCommands = ({ flow }: CollectOptions): Argv[] => {
  if (!flow) return [];
  const list = [
    'conntrack',
    '-L',
    '-f',
    flow.family === 4 ? 'ipv4' : 'ipv6',
    '-p',
    protocolName(flow),
    '-o',
    'extended,id',
  ];
  const { source, destination, sourcePort } = flow;
  if (source === null) return [[...list, '-d', destination]];
  return [
    [...list, '-s', source, '-d', destination],
    // An answer from another port is a flow of its own, to an address that is translated.
    [...list, '-s', destination, ...(flow.protocol === 'udp' ? [] : ['-d', source])],
    ...(sourcePort === undefined ? [] : [[...list, '--reply-src', source, '--reply-dst', destination]]),
  ];
};

const protocolName = (flow: NonNullable<CollectOptions['flow']>): string =>
  flow.protocol === 'icmp' && flow.family === 6 ? 'icmpv6' : flow.protocol;

const readFill = async (
  netns: NetnsRef,
  options: CollectOptions,
): Promise<{ readonly count: number | null; readonly max: number | null }> => {
  const artifact = await runArtifact(netns, FILL_COMMAND, { ...options, exitCodes: [0, 1, 2] }, parseSysctls);
  const read = (key: string): number | null => {
    const text = artifact.ok ? artifact.value[`net.netfilter.nf_conntrack_${key}`] : undefined;
    return text === undefined ? null : Number(text);
  };
  return { count: read('count'), max: read('max') };
};
