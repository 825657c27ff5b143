import type { Artifact } from '../../model/artifact.js';
import type { Run } from '../../model/run.js';
import type { NetnsState } from '../../model/state.js';
import { type Line, line, span } from './line.js';
import type { Place } from './places.js';
import { pieces } from './wrap.js';

/** Sysctls that decide about a packet on its way. */
const SYSCTLS =
  /^net\.(ipv4\.ip_forward$|ipv[46]\.conf\.(all|INTERFACE)\.(forwarding|rp_filter|accept_local)$|bridge\.bridge-nf-call-)/;

const isShown = (key: string, ifnames: readonly string[]): boolean =>
  SYSCTLS.test(ifnames.reduce((name, ifname) => name.replace(`.${ifname}.`, '.INTERFACE.'), key));

const read = <T>(artifact: Artifact<T> | undefined, rows: (value: T) => readonly string[]): readonly string[] => {
  if (artifact === undefined) return [];
  return artifact.ok ? rows(artifact.value) : [`not read: ${artifact.message}`];
};

const section = (title: string, rows: readonly string[], columns: number): readonly Line[] =>
  rows.length === 0
    ? []
    : [
        line(title, 'strong'),
        ...rows.flatMap((row) => pieces(row, columns - 2).map((piece): Line => [span('  '), span(piece)])),
      ];

/** The state that was read before the probe, of the namespace of the selected place. */
export const hostStateOf = (run: Run | null, at: Place | null, columns: number): readonly Line[] => {
  if (run === null) return [line('no state yet', 'faint')];
  const { evidence } = run;
  if (evidence === undefined) return [line('this run keeps no evidence', 'faint')];
  const hops = run.path.hops.filter(({ id }) => at === null || at.id.split('-').includes(id));
  const netns = hops.at(-1)?.netns ?? 'host';
  const state: NetnsState | undefined = evidence.before[netns];
  if (state === undefined) return [line('nothing was read there', 'faint')];
  const ifnames = hops.filter((hop) => hop.netns === netns).flatMap(({ ifname }) => ifname ?? []);
  const name = evidence.netns.find(({ id }) => id === netns)?.name ?? netns;
  return [
    ...section(
      `sysctls of ${name}`,
      read(state.sysctls, (all) =>
        Object.entries(all)
          .filter(([key]) => isShown(key, ifnames))
          .map(([key, value]) => `${key} = ${value}`),
      ),
      columns,
    ),
    ...section(
      'links',
      read(state.links, (links) =>
        links
          .filter((one) => ifnames.includes(one.ifname))
          .map(
            (one) =>
              `${one.ifname} ${one.kind ?? ''} ${one.operstate} mtu ${one.mtu}${one.master ? ` master ${one.master}` : ''}`,
          ),
      ),
      columns,
    ),
    ...section(
      'routes',
      read(state.routes, (routes) =>
        routes.filter((route) => route.table === 'main' && route.family === run.flow.family).map(({ text }) => text),
      ),
      columns,
    ),
    ...section(
      'neighbours',
      read(state.neighbours, (all) =>
        all
          .filter(({ dev }) => ifnames.length === 0 || ifnames.includes(dev))
          .map((one) => `${one.address} dev ${one.dev} ${one.lladdr ?? ''} ${one.states.join(',')}`),
      ),
      columns,
    ),
    ...section(
      'conntrack',
      read(state.conntrack, ({ entries, count, max }) => [
        `${count ?? '?'} of ${max ?? '?'} entries in use`,
        ...entries.map(({ text }) => text),
      ]),
      columns,
    ),
  ];
};
