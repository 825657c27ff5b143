import { Box } from 'ink';
import type { ReactElement } from 'react';
import { Footer } from '../components/footer.js';
import { titleLine } from '../components/panel.js';
import { Rows } from '../components/rows.js';
import { diagnosisLines } from '../draw/diagnosis.js';
import { headerLine } from '../draw/header.js';
import { BLANK, type Line, line, span } from '../draw/line.js';
import { packetLines } from '../draw/packets.js';
import { pathLine } from '../draw/path-line.js';
import { tabLines } from '../draw/tab.js';
import { changeLines } from '../draw/watch-table.js';
import { useSkin } from '../hooks/use-skin.js';
import { lastOf, packetTitle, visiblePackets } from './packet-window.js';
import { focusOf, packetHops, type TraceProps } from './trace-props.js';

const PATH_ROWS = 5;
const KEY_ROWS = 2;

/** The trace on at least 80x24: path in rows, diagnosis or a tab, packets. */
export const SmallTrace = (props: TraceProps): ReactElement => {
  const { state, ui, facts, places, at, header, footer, keymap, size } = props;
  const { glyphs } = useSkin();
  const { columns } = size;
  const rest = size.rows - 1 - (1 + 1 + PATH_ROWS + 1 + 1 + 1 + 1 + KEY_ROWS);
  const packetRows = Math.max(3, Math.floor(rest * 0.33));
  const middle = rest - packetRows;
  const path = facts ? pathLine(facts, columns, focusOf(props), glyphs) : [line(' following the path ...', 'faint')];
  const opened = ui.tabOpen || state.watched !== null;
  const lines = opened
    ? tabLines(ui.tab, { state, facts, places, at, columns: columns - 2, height: middle, scroll: ui.scroll, glyphs })
    : diagnosisLines(state, columns - 2, middle);
  const packets = packetLines(state, { hops: packetHops(props), filter: ui.filter, columns, glyphs });
  const rule: Line = [span(glyphs.rule.repeat(columns), 'faint')];
  const title = opened ? ui.tab.toUpperCase() : 'DIAGNOSIS';
  const note = opened ? 'tab for the next' : (state.run?.diagnosis.confidence ?? '');
  return (
    <Box flexDirection="column" width={columns} height={size.rows - 1}>
      <Rows lines={[headerLine(header, columns, glyphs), rule]} width={columns} />
      <Rows lines={path} width={columns} height={PATH_ROWS} />
      <Rows lines={[titleLine(title, note, columns, glyphs, false)]} width={columns} />
      <Rows lines={indented(lines)} width={columns} height={middle} />
      <Rows
        lines={[
          state.watched
            ? titleLine('CHANGES', `${state.watched.rounds} rounds`, columns, glyphs, false)
            : titleLine(packetTitle(ui), `${packets.length}`, columns, glyphs, false),
        ]}
        width={columns}
      />
      <Rows
        lines={indented(
          state.watched
            ? lastOf(changeLines(state.watched, columns - 2), ui.scroll, packetRows)
            : visiblePackets(packets, ui, packetRows),
        )}
        width={columns}
        height={packetRows}
      />
      <Rows lines={[rule]} width={columns} />
      <Footer facts={footer} keymap={keymap} columns={columns} keyRows={KEY_ROWS} />
    </Box>
  );
};

const indented = (lines: readonly Line[]): readonly Line[] =>
  lines.map((spans) => (spans.length === 0 ? BLANK : [span(' '), ...spans]));
