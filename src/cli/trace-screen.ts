import { hostname } from 'node:os';
import { EXIT } from '../model/errors.js';
import type { Run } from '../model/run.js';
import type { TraceSettings } from '../model/settings.js';
import { DEFAULT_KEYMAP } from '../tui/keymap.js';
import { createSession, type Session, type Subject } from '../tui/session.js';
import { FrameStream } from '../tui/terminal/frame-stream.js';
import { openingFrame } from '../tui/terminal/opening.js';
import { skinOf } from '../tui/theme.js';
import type { CommandContext } from './context.js';
import { exitCodeOf } from './exit-codes.js';
import { limitedRun } from './limited-run.js';
import { findPage } from './pages.js';
import { printRun } from './print-run.js';
import { storeRun } from './run-store.js';
import { chooser } from './start-choices.js';

/**
 * Traces on the live screen, and prints the short diagnosis when it closes. The trace begins before the screen is
 * loaded. An empty target or destination is asked for on the screen.
 */
export const traceOnScreen = async (context: CommandContext, settings: TraceSettings): Promise<number> => {
  const { display, terminal } = context;
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  const troubles = new Set<string>();
  let session: Session | null = null;

  const keep = async (run: Run): Promise<void> => {
    const trouble = display.save ? await storeRun(run) : null;
    if (trouble !== null) troubles.add(trouble);
  };
  const open = (subject: Subject): Session => {
    session = createSession({
      subject,
      trace: (what, stop) => limitedRun({ ...settings, ...what }, stop),
      onRun: (run) => void keep(run),
      onFailure: (error) => over.abort(error),
    });
    session.probe();
    return session;
  };

  const { target, destination } = settings;
  const first = target !== '' && destination !== '' ? open({ target, destination }) : null;
  const frames = new FrameStream(process.stdout);
  context.guardTerminal(() => {
    frames.leave();
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
  });
  const skin = skinOf({ theme: display.theme, color: terminal.color, ascii: terminal.ascii });
  frames.enter();
  if (first) frames.write(openingFrame(first.subject, hostname(), Date.now(), frames.columns, skin.glyphs));
  const { openScreen } = await import('../tui/open-screen.js');
  const outcome = await openScreen({
    frames,
    input: process.stdin,
    signal,
    skin,
    session: first,
    open,
    keymap: DEFAULT_KEYMAP,
    host: hostname(),
    limitMs: settings.timeoutMs,
    now: Date.now,
    explain: explanation,
    report: async (run) => {
      const trouble = await storeRun(run);
      return trouble === null ? `stored: vethoscope show ${run.run.id} -v` : `not stored: ${trouble}`;
    },
    interrupt: () => void process.kill(process.pid, 'SIGINT'),
    ...chooser(target, context.signal),
  });
  await (session as Session | null)?.stop();
  return finish(context, session, { copied: outcome.copied, failure: over.signal, troubles });
};

interface End {
  readonly copied: string | null;
  readonly failure: AbortSignal;
  readonly troubles: ReadonlySet<string>;
}

/** What stays on the normal screen. SIGTERM and SIGHUP print nothing. */
const finish = (context: CommandContext, session: Session | null, { copied, failure, troubles }: End): number => {
  const run = session?.lastRun() ?? null;
  const { reason } = context.signal;
  const silent = context.signal.aborted && reason?.signal !== 'SIGINT';
  if (run !== null && !silent) printRun(context, run);
  if (copied !== null && !silent) context.out(`copied:\n${copied}\n`);
  for (const trouble of troubles) context.note(`warning: the run is not stored: ${trouble}`);
  context.signal.throwIfAborted();
  if (failure.aborted) throw failure.reason;
  if (run !== null) return exitCodeOf(run, context.display.failOn);
  if (session !== null) context.note('stopped before a diagnosis');
  return session === null ? EXIT.ok : EXIT.interrupted;
};

const explanation = (code: string) => {
  const found = findPage(code.toLowerCase());
  if (found === undefined) return null;
  const { meta, page } = found;
  return { code: meta.code, cause: meta.id, ...page };
};
