import { Box } from 'ink';
import type { ReactElement } from 'react';
import { refusedIn } from '../../model/probe.js';
import { Footer } from '../components/footer.js';
import { Panel } from '../components/panel.js';
import { Rows } from '../components/rows.js';
import { diagnosisLines } from '../draw/diagnosis.js';
import { headerLine } from '../draw/header.js';
import { type Line, line } from '../draw/line.js';
import { packetLines } from '../draw/packets.js';
import { pathBoxes } from '../draw/path-boxes.js';
import { tabLines } from '../draw/tab.js';
import { useSkin } from '../hooks/use-skin.js';
import { packetTitle, visiblePackets } from './packet-window.js';
import { focusOf, packetHops, type TraceProps, tabNote } from './trace-props.js';
import { WideWatch } from './wide-watch.js';

/** The trace on at least 100x30: path, then tab and diagnosis side by side, then packets; or the watch. */
export const WideTrace = (props: TraceProps): ReactElement => {
  const { state, facts, header, footer, keymap, size } = props;
  const { glyphs } = useSkin();
  const { columns } = size;
  const path = facts
    ? pathBoxes(facts, columns - 4, focusOf(props), glyphs)
    : [line(' following the path ...', 'faint')];
  const pathHeight = Math.max(path.length, 7) + 2;
  const height = size.rows - 1 - 1 - pathHeight - 2;
  return (
    <Box flexDirection="column" width={columns} height={size.rows - 1}>
      <Rows lines={[headerLine(header, columns, glyphs)]} width={columns} />
      <Panel title="PATH" note={probesText(props)} lines={path} width={columns} height={pathHeight} />
      {state.watched ? (
        <WideWatch props={props} watched={state.watched} height={height} />
      ) : (
        <TabAndPackets props={props} height={height} />
      )}
      <Footer facts={footer} keymap={keymap} columns={columns} keyRows={1} />
    </Box>
  );
};

const TabAndPackets = ({ props, height }: { readonly props: TraceProps; readonly height: number }): ReactElement => {
  const { state, ui, facts, places, at, size } = props;
  const { glyphs } = useSkin();
  const { columns } = size;
  const lower = Math.max(6, Math.floor(height * 0.36));
  const upper = height - lower;
  const left = Math.floor(columns * (ui.tab === 'hops' ? 0.42 : 0.55));
  const { scroll } = ui;
  const tab = tabLines(ui.tab, { state, facts, places, at, columns: left - 4, height: upper - 2, scroll, glyphs });
  const packets = packetLines(state, { hops: packetHops(props), filter: ui.filter, columns: columns - 4, glyphs });
  const diagnosis = diagnosisLines(state, columns - left - 4, upper - 2);
  return (
    <Box flexDirection="column">
      <Box>
        <Panel title={ui.tab.toUpperCase()} note={tabNote(props)} lines={tab} width={left} height={upper} />
        <Panel
          title="DIAGNOSIS"
          note={state.run?.diagnosis.confidence ?? ''}
          lines={withKeys(diagnosis, (state.run?.findings.length ?? 0) > 0, upper - 2)}
          width={columns - left}
          height={upper}
        />
      </Box>
      <Panel
        title={packetTitle(ui)}
        note={`${packets.length} ${glyphs.dot} / filter`}
        lines={visiblePackets(packets, ui, lower - 2)}
        width={columns}
        height={lower}
      />
    </Box>
  );
};

const probesText = ({ state, facts }: TraceProps): string => {
  const probe = state.run?.probe;
  const answered = state.watched?.answered ?? (probe && probe.answered - refusedIn(probe));
  return facts ? `${facts.sent} probes${answered === undefined ? '' : `, ${answered} answered`}` : '';
};

/** The keys of the diagnosis in its last row, where one is free. */
const withKeys = (lines: readonly Line[], done: boolean, height: number): readonly Line[] => {
  if (!done || lines.length >= height) return lines;
  const all = [...lines, ...Array.from({ length: height - lines.length - 1 }, (): Line => [])];
  return [...all, line('[f] plan the fix   [y] copy   [e] explain', 'faint')];
};
