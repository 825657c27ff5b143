import type { Run, RunHop } from '../../model/run.js';
import { clip } from '../clip.js';
import { breaksOn, hopNumber, hopTitle, netnsTitle, stageWords } from '../facts.js';
import { inert } from '../inert.js';

const SIDE: readonly string[] = ['return-egress', 'alternate-uplink'];
const MOST_LABEL = 40;

/** The path as a Mermaid flowchart: a box for each hop with requests and replies, grouped by namespace, and the break. */
export const mermaid = (run: Run): readonly string[] => {
  const broken = run.diagnosis.brokenLink;
  const hops = run.path.hops.filter(
    (hop) => !SIDE.includes(hop.role) && (hop.role !== 'socket' || broken?.from === hop.id),
  );
  return [
    'flowchart LR',
    ...groupsOf(run, hops).flatMap(({ name, members }, index) => [
      `  subgraph g${index}["${label(name)}"]`,
      ...members.map((hop) => `    ${hop.id}["${boxLabel(run, hop)}"]`),
      '  end',
    ]),
    ...hops.slice(1).map((hop, index) => edge(run, hops[index], hop)),
    ...hops.filter((hop) => !hop.captured).map((hop) => `  class ${hop.id} unseen`),
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
  return `${name}<br/>request ${hop.forward.seen}/${hop.forward.of}<br/>reply ${hop.return.seen}/${hop.return.of}`;
};

const edge = (run: Run, from: RunHop | undefined, to: RunHop): string => {
  const broken = run.diagnosis.brokenLink;
  if (broken && from?.id === broken.from && to.id === broken.to) {
    const text = label(`lost here: ${stageWords(broken.stage)}`);
    return breaksOn(run, 'return') ? `  ${to.id} --x|"${text}"| ${from.id}` : `  ${from.id} --x|"${text}"| ${to.id}`;
  }
  const passed = (hop: RunHop | undefined) => hop !== undefined && (hop.forward.seen > 0 || hop.role === 'socket');
  return passed(from) && passed(to) ? `  ${from?.id} --> ${to.id}` : `  ${from?.id} -.- ${to.id}`;
};

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
