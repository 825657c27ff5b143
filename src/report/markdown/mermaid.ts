import { inert } from '../../model/inert.js';
import type { Run, RunHop } from '../../model/run.js';
import { clip } from '../clip.js';
import { breaksOn, hopNumber, hopTitle, netnsTitle, stageWords } from '../facts.js';

const SIDE: readonly string[] = ['return-egress', 'alternate-uplink'];
const MOST_LABEL = 40;

/**
 * The path as a Mermaid flowchart: a box for each hop on the way with requests and replies, grouped by namespace, and the
 * break, also where that is beside the way.
 */
export const mermaid = (run: Run): readonly string[] => {
  const broken = run.diagnosis.brokenLink;
  const isBroken = (hop: RunHop): boolean => broken?.from === hop.id || broken?.to === hop.id;
  const hops = run.path.hops
    .filter((hop) => isBroken(hop) || !(hop.role === 'socket' || SIDE.includes(hop.role)))
    .toSorted((a, b) => Number(a.role === 'outside') - Number(b.role === 'outside'));
  const hopOf = (id: string): RunHop | undefined => hops.find((hop) => hop.id === id);
  return [
    'flowchart LR',
    ...groupsOf(run, hops).flatMap(({ name, members }, index) => [
      `  subgraph g${index}["${label(name)}"]`,
      ...members.map((hop) => `    ${nodeOf(hop)}["${boxLabel(run, hop)}"]`),
      '  end',
    ]),
    ...run.path.links.flatMap(({ from, to }) => edge(run, hopOf(from), hopOf(to))),
    ...hops.filter((hop) => !hop.captured).map((hop) => `  class ${nodeOf(hop)} unseen`),
    '  classDef unseen stroke-dasharray: 4 4',
  ];
};

const groupsOf = (
  run: Run,
  hops: readonly RunHop[],
): readonly { readonly name: string; readonly members: readonly RunHop[] }[] => {
  const groups: { name: string; members: RunHop[] }[] = [];
  for (const hop of hops) {
    const name = hop.role === 'outside' ? 'outside' : netnsTitle(run, hop.netns);
    const last = groups.at(-1);
    if (last?.name === name) last.members.push(hop);
    else groups.push({ name, members: [hop] });
  }
  return groups;
};

const boxLabel = (run: Run, hop: RunHop): string => {
  const name = label(hop.role === 'socket' ? 'socket' : `${hopNumber(hop)} ${hopTitle(run, hop)}`);
  if (!hop.captured) return `${name}<br/>not captured`;
  return `${name}<br/>${label(`request ${hop.forward.seen}/${hop.forward.of}`)}<br/>${label(`reply ${hop.return.seen}/${hop.return.of}`)}`;
};

const edge = (run: Run, from: RunHop | undefined, to: RunHop | undefined): readonly string[] => {
  if (!from || !to) return [];
  const [start, end] = [nodeOf(from), nodeOf(to)];
  const broken = run.diagnosis.brokenLink;
  if (broken && from.id === broken.from && to.id === broken.to) {
    const text = label(`lost here: ${stageWords(broken.stage)}`);
    return [breaksOn(run, 'return') ? `  ${end} --x|"${text}"| ${start}` : `  ${start} --x|"${text}"| ${end}`];
  }
  const passed = (hop: RunHop) => hop.forward.seen > 0 || hop.role === 'socket';
  return [passed(from) && passed(to) ? `  ${start} --> ${end}` : `  ${start} -.- ${end}`];
};

/** A document from elsewhere may have any text for an id. */
const nodeOf = (hop: RunHop): string => `h${hop.id.replace(/\D/g, '').slice(0, 6)}`;

const ENTITY: Readonly<Record<string, string>> = {
  '"': 'quot',
  '<': 'lt',
  '>': 'gt',
  '&': 'amp',
  '#': '35',
  '`': '96',
  '\\': '92',
  '%': '37',
};

/** Mermaid's own entities, `#quot;` for `"`: what it would take for markup cannot occur. */
const label = (text: string): string =>
  clip(inert(text), MOST_LABEL).replace(/["<>&#`\\%]/g, (character) => `#${ENTITY[character]};`);
