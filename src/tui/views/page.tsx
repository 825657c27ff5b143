import { Box } from 'ink';
import type { ReactElement } from 'react';
import { Panel } from '../components/panel.js';
import { Rows } from '../components/rows.js';
import { type Line, line } from '../draw/line.js';
import { scrolled } from '../draw/tab.js';
import { useSkin } from '../hooks/use-skin.js';
import type { Size } from '../terminal/size.js';

interface PageProps {
  readonly title: string;
  readonly header: Line;
  readonly lines: readonly Line[];
  readonly scroll: number;
  readonly size: Size;
}

/** A text over the whole screen: help, the plan, an explanation. */
export const Page = ({ title, header, lines, scroll, size }: PageProps): ReactElement => {
  const { glyphs } = useSkin();
  const height = size.rows - 3;
  const hidden = lines.length > height - 2;
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows - 1}>
      <Rows lines={[header]} width={size.columns} />
      <Panel
        title={title}
        note={hidden ? `${lines.length} rows, ${glyphs.arrows} scroll` : ''}
        lines={scrolled(lines, scroll, height - 2)}
        width={size.columns}
        height={height}
      />
      <Rows lines={[line(' esc back   q quit', 'faint')]} width={size.columns} />
    </Box>
  );
};
