import { Box } from 'ink';
import type { ReactElement } from 'react';
import type { Watched } from '../../model/watch.js';
import { Panel } from '../components/panel.js';
import { diagnosisLines } from '../draw/diagnosis.js';
import { tabLines } from '../draw/tab.js';
import { changeLines } from '../draw/watch-table.js';
import { useSkin } from '../hooks/use-skin.js';
import { lastOf } from './packet-window.js';
import { type TraceProps, tabNote } from './trace-props.js';

interface WideWatchProps {
  readonly props: TraceProps;
  readonly watched: Watched;
  /** Rows below the path. */
  readonly height: number;
}

/** Below the path of a watch: loss and delay over the whole width, then the diagnosis and what changed. */
export const WideWatch = ({ props, watched, height }: WideWatchProps): ReactElement => {
  const { state, ui, facts, places, at, size } = props;
  const { glyphs } = useSkin();
  const { columns } = size;
  const upper = Math.min(Math.max(watched.hops.length + 3, ui.tab === 'hops' ? 4 : 9), Math.floor(height * 0.6));
  const lower = height - upper;
  const left = Math.floor(columns / 2);
  const scroll = ui.tab === 'hops' ? 0 : ui.scroll;
  const lines = tabLines(ui.tab, { state, facts, places, at, columns: columns - 4, height: upper - 2, scroll, glyphs });
  return (
    <Box flexDirection="column">
      <Panel title={ui.tab.toUpperCase()} note={tabNote(props)} lines={lines} width={columns} height={upper} />
      <Box>
        <Panel
          title="DIAGNOSIS"
          note={state.run?.diagnosis.confidence ?? ''}
          lines={diagnosisLines(state, left - 4, lower - 2)}
          width={left}
          height={lower}
        />
        <Panel
          title="CHANGES"
          note={`${watched.rounds} rounds`}
          lines={lastOf(changeLines(watched, columns - left - 4), ui.tab === 'hops' ? ui.scroll : 0, lower - 2)}
          width={columns - left}
          height={lower}
        />
      </Box>
    </Box>
  );
};
