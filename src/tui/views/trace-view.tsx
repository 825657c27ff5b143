import { type ReactElement, useRef, useState } from 'react';
import type { Run } from '../../model/run.js';
import { fixText } from '../draw/diagnosis.js';
import { dropLines } from '../draw/drops.js';
import { type Explanation, explainLines } from '../draw/explain.js';
import { headerLine } from '../draw/header.js';
import { helpLines } from '../draw/help.js';
import { pathFacts } from '../draw/path-facts.js';
import { placesOf, shownPlace } from '../draw/places.js';
import { planLines } from '../draw/plan.js';
import { useChoices } from '../hooks/use-choices.js';
import { type TerminalSignal, useKeys } from '../hooks/use-keys.js';
import { useNow } from '../hooks/use-now.js';
import { useSkin } from '../hooks/use-skin.js';
import { useStore } from '../hooks/use-store.js';
import { useTerminalSize } from '../hooks/use-terminal-size.js';
import { type Action, actionOf, type Keymap } from '../keymap.js';
import type { Session } from '../session.js';
import { reaches, SMALLEST, WIDE } from '../terminal/size.js';
import { foldUi, INITIAL_UI } from '../ui-state.js';
import { Page } from './page.js';
import { SmallTrace } from './small-trace.js';
import { TooSmall } from './too-small.js';
import type { TraceProps } from './trace-props.js';
import { WideTrace } from './wide-trace.js';

export interface TraceViewProps {
  readonly session: Session;
  readonly keymap: Keymap;
  readonly host: string;
  readonly limitMs: number;
  readonly now: () => number;
  explain(code: string): Explanation | null;
  /** Puts a text into the terminal's clipboard. */
  copy(text: string): void;
  /** Writes the report of a run; gives what to tell the person. */
  report(run: Run): Promise<string>;
  /** Closes the screen; with the frame, what is on it stays on the normal screen. */
  quit(withFrame: boolean): void;
  signal(signal: TerminalSignal): void;
}

/** The trace: keys, choices, and which of its views is drawn. */
export const TraceView = (props: TraceViewProps): ReactElement => {
  const { session, keymap, now: clock } = props;
  const { glyphs } = useSkin();
  const size = useTerminalSize();
  const [ui, chosen, choose] = useChoices(foldUi, INITIAL_UI);
  const [notice, tell] = useState<string | null>(null);
  const live = useStore(session.store);
  const held = useRef(live);
  if (!ui.paused) held.current = live;
  const state = held.current;
  const now = useNow(state.status === 'running' && !ui.paused, clock);

  const facts = pathFacts(state);
  const places = facts ? placesOf(facts) : [];
  const at = facts ? shownPlace(places, ui.selected === null ? null : (places[ui.selected]?.id ?? null), facts) : null;

  const start = (action: Action): void => {
    if (action === 'quit' || action === 'quit-with-frame') props.quit(action === 'quit-with-frame');
    if (action === 'probe') session.probe();
    if (action === 'pause') session.hold(chosen().paused);
    if (action === 'copy') tell(copyFix(state.run, props));
    if (action === 'report') void reportRun(state.run, props).then(tell);
  };
  useKeys((name) => {
    if (chosen().typing) return choose({ type: 'typed', key: name });
    const action = actionOf(keymap, name);
    if (action === null) return;
    tell(null);
    choose({ type: 'action', action, places: places.length, focus: at === null ? -1 : places.indexOf(at) });
    start(action);
  }, props.signal);

  if (!reaches(size, SMALLEST)) return <TooSmall size={size} />;
  const header = {
    state,
    now,
    paused: ui.paused,
    host: state.run?.run.hostname ?? props.host,
    ...session.subject,
  };
  const page = (title: string, lines: Parameters<typeof Page>[0]['lines']) => (
    <Page
      title={title}
      header={headerLine(header, size.columns, glyphs)}
      lines={lines}
      scroll={ui.scroll}
      size={size}
    />
  );
  if (ui.view === 'help') return page('KEYS', helpLines(keymap, glyphs));
  if (ui.view === 'drops') return page('KERNEL DROPS', dropLines(state.run, size.columns - 4));
  if (ui.view === 'plan') return page('PLAN OF THE FIX', planLines(state.run, size.columns - 4, glyphs));
  if (ui.view === 'explain') return page('EXPLAIN', explainLines(explanationOf(state.run, props), size.columns - 4));
  const drawn: TraceProps = {
    state,
    ui,
    facts,
    places,
    at,
    header,
    footer: { state, now, limitMs: props.limitMs, notice },
    keymap,
    size,
  };
  return reaches(size, WIDE) ? <WideTrace {...drawn} /> : <SmallTrace {...drawn} />;
};

const explanationOf = (run: Run | null, { explain }: TraceViewProps): Explanation | null => {
  const code = run?.diagnosis.code ?? null;
  return code === null ? null : explain(code);
};

const copyFix = (run: Run | null, { copy }: TraceViewProps): string => {
  const fix = run && fixText(run);
  if (!fix) return 'there is no command to copy';
  copy(fix);
  return 'copied, if the terminal allows it; the fix is printed again at exit';
};

const reportRun = async (run: Run | null, { report }: TraceViewProps): Promise<string> =>
  run === null ? 'there is no run to report yet' : report(run);
