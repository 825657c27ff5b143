import { Box } from 'ink';
import type { ReactElement } from 'react';
import { Rows } from '../components/rows.js';
import { keysLines } from '../draw/footer.js';
import { type Line, span } from '../draw/line.js';
import { presenterBody, presenterHeader, presenterNotice, presenterPath } from '../draw/presenter.js';
import { type TerminalSignal, useKeys } from '../hooks/use-keys.js';
import { useSkin } from '../hooks/use-skin.js';
import { useStore } from '../hooks/use-store.js';
import { useTerminalSize } from '../hooks/use-terminal-size.js';
import { actionOf } from '../keymap.js';
import { type PresenterAction, presenterKeymap } from '../store/presenter-keys.js';
import type { Deck, PresenterEvent, PresenterState } from '../store/presenter-state.js';
import type { Store } from '../store/throttled-store.js';
import { reaches, SMALLEST, WIDE } from '../terminal/size.js';
import { TooSmall } from './too-small.js';

/** A presentation that runs. */
export interface Presentation {
  readonly deck: Deck;
  readonly store: Store<PresenterState, PresenterEvent>;
  /** Does what a key means. */
  press(action: PresenterAction, key: string): void;
}

export interface PresenterViewProps {
  readonly presentation: Presentation;
  signal(signal: TerminalSignal): void;
}

const KEY_ROWS = 2;

/** One slide: the path above, what is said and what came of it below. */
export const PresenterView = ({ presentation, signal }: PresenterViewProps): ReactElement => {
  const { deck, store, press } = presentation;
  const { glyphs } = useSkin();
  const size = useTerminalSize();
  const state = useStore(store);
  const keymap = presenterKeymap(deck.audience);
  useKeys((name) => {
    const action = actionOf(keymap, name);
    if (action !== null) press(action, name);
  }, signal);
  if (!reaches(size, SMALLEST)) return <TooSmall size={size} />;
  const { columns } = size;
  const wide = reaches(size, WIDE);
  const pathRows = wide ? 8 : 5;
  const rule: Line = [span(glyphs.rule.repeat(columns), 'faint')];
  const body = size.rows - 1 - (1 + 1 + pathRows + 1 + 1 + KEY_ROWS);
  return (
    <Box flexDirection="column" width={columns} height={size.rows - 1}>
      <Rows lines={[presenterHeader(state, deck, columns, glyphs), rule]} width={columns} />
      <Rows lines={presenterPath(state, deck, columns, wide, glyphs)} width={columns} height={pathRows} />
      <Rows lines={[rule]} width={columns} />
      <Rows lines={presenterBody(state, deck, columns, body)} width={columns} height={body} />
      <Rows lines={[presenterNotice(state, glyphs)]} width={columns} height={1} />
      <Rows lines={keysLines(keymap, columns, KEY_ROWS, glyphs)} width={columns} />
    </Box>
  );
};
