import type { KernelDrop } from '../../model/evidence.js';
import type { Run } from '../../model/run.js';
import { BLANK, type Line, line, span } from './line.js';
import { paragraph } from './wrap.js';

/** Every drop of a probe that the kernel told of: reason and function in words, where, and the way there. */
export const dropLines = (run: Run | null, columns: number): readonly Line[] => {
  if (run === null) return [line('no trace has ended yet', 'faint')];
  if (run.kernelDrops.length === 0) return noDrop(run, columns);
  return run.kernelDrops.flatMap((drop, index) => [...(index === 0 ? [] : [BLANK]), ...oneDrop(drop, run, columns)]);
};

const oneDrop = (drop: KernelDrop, run: Run, columns: number): readonly Line[] => {
  const fact = (name: string, text: string | null | undefined): readonly Line[] =>
    text ? paragraph(name.padEnd(10), text, columns, 'plain', 2) : [];
  const who = drop.probe === null ? 'a probe' : `probe ${drop.probe}`;
  const at = drop.at === undefined ? '' : `  ${(drop.at / 1e6).toFixed(3)} ms after the start`;
  return [
    [span(`${drop.reason} in ${drop.function}`, 'fault')],
    ...fact('means', drop.words),
    ...fact('packet', `${who}${wayWords(drop)}${at}${drop.likely ? ', recognised by its time alone' : ''}`),
    ...fact('at', placeWords(drop, run)),
    ...fact('came by', drop.devices?.join(' > ')),
  ];
};

const wayWords = ({ way }: KernelDrop): string =>
  way === undefined ? '' : way === 'forward' ? ', on its way out' : ', the reply on its way back';

const placeWords = ({ device, netns, link, stage, stages }: KernelDrop, run: Run): string =>
  [
    device === null ? 'no device' : `device ${device}`,
    netns === null ? null : `netns ${run.evidence?.netns.find(({ id }) => id === netns)?.name ?? netns}`,
    link ? `link ${link}` : null,
    stage ? `stage ${stage}` : stages && stages.length > 0 ? `stage ${stages.join(' or ')}` : null,
  ]
    .filter((part) => part !== null)
    .join(', ');

/** No drop event is a fact only where the kernel could be asked. */
const noDrop = ({ limits }: Run, columns: number): readonly Line[] => {
  const blind = limits.filter(({ what }) => what.startsWith('kernel drop'));
  if (blind.length === 0) return [line('the kernel reported no drop of a probe', 'faint')];
  return blind.flatMap(({ what, why }) => paragraph('', `${what}: ${why}`, columns, 'plain', 0));
};
