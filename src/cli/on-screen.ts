import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { KnownError } from '../model/errors.js';
import type { Run } from '../model/run.js';
import { createSession, type Session, type Subject, type Tracer } from '../tui/session.js';
import type { TraceState } from '../tui/store/trace-state.js';
import { openingFrame } from '../tui/terminal/opening.js';
import { skinOf } from '../tui/theme.js';
import type { CommandContext } from './context.js';
import { openFrames } from './open-frames.js';
import { findPage } from './pages.js';
import { chooser } from './start-choices.js';

/** Milliseconds after which the screen is loaded in any case: without it no key is heard. */
const LOAD_AT_LAST_MS = 1000;

export interface OnScreen {
  /** An empty target or destination is asked for. */
  readonly subject: Subject;
  /** Milliseconds after which the trace or watch ends by itself. */
  readonly limitMs: number;
  readonly trace: Tracer;
  readonly onRun: (run: Run) => void;
  /** Prints what stays on the normal screen. */
  readonly print: (state: TraceState) => void;
}

/**
 * Runs a trace or watch on the live screen. It begins before the screen is loaded, and has cleaned up when this
 * returns; then the terminal is as it was.
 * @returns the last state; `null` when nothing was chosen
 * @throws the reason of the interruption, or what the first trace threw
 */
export const onScreen = async (
  context: CommandContext,
  { subject, limitMs, trace, onRun, print }: OnScreen,
): Promise<TraceState | null> => {
  const failed = new AbortController();
  const signal = AbortSignal.any([context.signal, failed.signal]);
  let session: Session | null = null;
  const open = (chosen: Subject): Session => {
    session = createSession({ subject: chosen, trace, onRun, onFailure: (error) => failed.abort(error) });
    session.probe();
    return session;
  };

  const { target, destination } = subject;
  const first = target !== '' && destination !== '' ? open({ target, destination }) : null;
  const { display, terminal } = context;
  const skin = skinOf({ theme: display.theme, color: terminal.color, ascii: terminal.ascii });
  const host = hostname();
  const frames = openFrames(context);
  if (first) {
    frames.write(openingFrame(first.subject, host, Date.now(), frames.columns, skin.glyphs));
    // Loading the screen keeps the processor busy, which would delay the captures and the probe.
    await Promise.race([first.probed, sleep(LOAD_AT_LAST_MS, undefined, { ref: false })]);
  }
  const { openScreen } = await import('../tui/open-screen.js');
  const { copied, frame } = await openScreen({
    frames,
    input: process.stdin,
    until: signal,
    skin,
    session: first,
    open,
    keymap: display.keys,
    host,
    limitMs,
    now: Date.now,
    explain: explanation,
    report: async (run) => {
      const { writeOwnReport } = await import('./write-report.js');
      return `redacted report: ${await writeOwnReport(run).catch(knownMessage)}`;
    },
    interrupt: () => void process.kill(process.pid, 'SIGINT'),
    ...chooser(target, context.signal),
  });
  const state = await stopped(session);
  if (frame !== null) context.out(`${frame}\n\n`);
  if (state !== null && !endedSilently(context)) print(state);
  if (copied !== null && !endedSilently(context)) context.out(`copied:\n${copied}\n`);
  context.signal.throwIfAborted();
  if (failed.signal.aborted) throw failed.signal.reason;
  return state;
};

const stopped = async (session: Session | null): Promise<TraceState | null> => {
  if (session === null) return null;
  await session.stop();
  session.store.flush();
  const state = session.store.snapshot();
  return { ...state, run: state.run ?? session.lastRun() };
};

const knownMessage = (error: unknown): string => {
  if (error instanceof KnownError) return error.message;
  throw error;
};

/** SIGTERM and SIGHUP print nothing. */
const endedSilently = ({ signal }: CommandContext): boolean => signal.aborted && signal.reason?.signal !== 'SIGINT';

const explanation = (code: string) => {
  const found = findPage(code.toLowerCase());
  if (found === undefined) return null;
  const { meta, page } = found;
  return { code: meta.code, cause: meta.id, ...page };
};
