import { Box } from 'ink';
import type { ReactElement } from 'react';
import { Footer } from '../components/footer.js';
import { Panel } from '../components/panel.js';
import { Rows } from '../components/rows.js';
import { diagnosisLines } from '../draw/diagnosis.js';
import { headerLine } from '../draw/header.js';
import { type Line, line } from '../draw/line.js';
import { packetLines } from '../draw/packets.js';
import { pathBoxes } from '../draw/path-boxes.js';
import { tabLines } from '../draw/tab.js';
import { changeLines } from '../draw/watch-table.js';
import { useSkin } from '../hooks/use-skin.js';
import { TABS } from '../ui-state.js';
import { lastOf, packetTitle, visiblePackets } from './packet-window.js';
import { focusOf, packetHops, type TraceProps } from './trace-props.js';

/** The trace on at least 100x30: path, tab and diagnosis side by side, packets. */
export const WideTrace = (props: TraceProps): ReactElement => {
  const { state, ui, facts, places, at, header, footer, keymap, size } = props;
  const { glyphs } = useSkin();
  const { columns } = size;
  const inner = columns - 4;
  const pathRows = facts ? pathBoxes(facts, inner, focusOf(props), glyphs) : [line(' following the path ...', 'faint')];
  const pathHeight = Math.max(pathRows.length, 7) + 2;
  const rest = size.rows - 1 - 1 - pathHeight - 2;
  const packetHeight = Math.max(6, Math.floor(rest * 0.36));
  const middle = rest - packetHeight;
  const left = Math.floor(columns * (ui.tab === 'hops' && state.watched === null ? 0.42 : 0.58));
  const tabs = tabLines(ui.tab, {
    state,
    facts,
    places,
    at,
    columns: left - 4,
    height: middle - 2,
    scroll: ui.scroll,
    glyphs,
  });
  const packets = packetLines(state, { hops: packetHops(props), filter: ui.filter, columns: inner, glyphs });
  const confidence = state.run?.diagnosis.confidence ?? '';
  return (
    <Box flexDirection="column" width={columns} height={size.rows - 1}>
      <Rows lines={[headerLine(header, columns, glyphs)]} width={columns} />
      <Panel title="PATH" note={probesText(props)} lines={pathRows} width={columns} height={pathHeight} />
      <Box>
        <Panel title={ui.tab.toUpperCase()} note={tabNote(props)} lines={tabs} width={left} height={middle} />
        <Panel
          title="DIAGNOSIS"
          note={confidence}
          lines={withKeys(
            diagnosisLines(state, columns - left - 4, middle - 2),
            (state.run?.findings.length ?? 0) > 0,
            middle - 2,
          )}
          width={columns - left}
          height={middle}
        />
      </Box>
      <Panel
        title={state.watched ? 'CHANGES' : packetTitle(ui)}
        note={state.watched ? `${state.watched.rounds} rounds` : `${packets.length} ${glyphs.dot} / filter`}
        lines={
          state.watched
            ? lastOf(changeLines(state.watched), ui.scroll, packetHeight - 2)
            : visiblePackets(packets, ui, packetHeight - 2)
        }
        width={columns}
        height={packetHeight}
      />
      <Footer facts={footer} keymap={keymap} columns={columns} keyRows={1} />
    </Box>
  );
};

const probesText = ({ state, facts }: TraceProps): string => {
  const answered = state.watched?.answered ?? state.run?.probe?.answered;
  return facts ? `${facts.sent} probes${answered === undefined ? '' : `, ${answered} answered`}` : '';
};

const tabNote = ({ ui, at }: TraceProps): string => {
  const number = `tab ${TABS.indexOf(ui.tab) + 1} of ${TABS.length}`;
  return ui.tab === 'hops' || at === null ? number : `${at.id} - ${number}`;
};

/** The keys of the diagnosis in its last row, where one is free. */
const withKeys = (lines: readonly Line[], done: boolean, height: number): readonly Line[] => {
  if (!done || lines.length >= height) return lines;
  const all = [...lines, ...Array.from({ length: height - lines.length - 1 }, (): Line => [])];
  return [...all, line('[f] plan the fix   [y] copy   [e] explain', 'faint')];
};
