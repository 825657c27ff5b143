import { Box } from 'ink';
import type { ReactElement } from 'react';
import { columnsOf, cut, type Line, span } from '../draw/line.js';
import { useSkin } from '../hooks/use-skin.js';
import type { Glyphs } from '../theme.js';
import { Rows } from './rows.js';

interface PanelProps {
  readonly title: string;
  /** Words at the right end of the title's row. */
  readonly note?: string;
  readonly lines: readonly Line[];
  readonly width: number;
  readonly height: number;
}

/** Lines within a frame that has the title in its upper edge. */
export const Panel = ({ title, note = '', lines, width, height }: PanelProps): ReactElement => {
  const { glyphs } = useSkin();
  const inner = Math.max(height - 2, 0);
  const edge = Array.from({ length: inner }, (): Line => [span(glyphs.bar, 'faint')]);
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Rows lines={[titleLine(title, note, width, glyphs, true)]} width={width} />
      <Box width={width} height={inner}>
        <Rows lines={edge} width={1} />
        <Box marginX={1}>
          <Rows lines={lines} width={width - 4} height={inner} />
        </Box>
        <Rows lines={edge} width={1} />
      </Box>
      <Rows lines={[bottomLine(width, glyphs)]} width={width} />
    </Box>
  );
};

/** A row of the rule's glyph with a title at its left and a note at its right. */
export const titleLine = (title: string, note: string, width: number, glyphs: Glyphs, framed: boolean): Line => {
  const [left, right] = framed ? glyphs.corners : [glyphs.rule, glyphs.rule];
  const short = cut(note, Math.max(width - columnsOf(title) - 8, 0));
  const end = short === '' ? '' : ` ${short} ${glyphs.rule}`;
  const gap = width - columnsOf(title) - columnsOf(end) - 5;
  return [
    span(`${left}${glyphs.rule} `, 'faint'),
    span(title, 'strong'),
    span(` ${glyphs.rule.repeat(Math.max(gap, 0))}`, 'faint'),
    span(end.slice(0, -1)),
    span(`${end === '' ? '' : glyphs.rule}${right}`, 'faint'),
  ];
};

const bottomLine = (width: number, { corners, rule }: Glyphs): Line => [
  span(`${corners[2]}${rule.repeat(Math.max(width - 2, 0))}${corners[3]}`, 'faint'),
];
