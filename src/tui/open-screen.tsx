import { render } from 'ink';
import type { ReactElement } from 'react';
import { App, type AppProps } from './app.js';
import type { TerminalSignal } from './hooks/use-keys.js';
import { copySequence } from './terminal/clipboard.js';
import type { FrameStream } from './terminal/frame-stream.js';

/** Where a screen is drawn, and until when. */
export interface Stage {
  readonly frames: FrameStream;
  readonly input: NodeJS.ReadStream;
  /** Closes the screen when it aborts. */
  readonly until: AbortSignal;
  /** Ends the program as ctrl-c does. */
  interrupt(): void;
}

export type ScreenOptions = Stage & Omit<AppProps, 'copy' | 'quit' | 'signal'>;

/** What the person left with. */
export interface ScreenOutcome {
  /** Text that was copied; printed again, in case the terminal ignored it. */
  readonly copied: string | null;
  /** The last frame, where the person wanted it to stay. */
  readonly frame: string | null;
}

/**
 * Draws the screen until the person quits or `until` aborts. The alternate screen is left when it returns or throws.
 * @throws what a component threw
 */
export const openScreen = async ({
  frames,
  input,
  until,
  interrupt,
  ...app
}: ScreenOptions): Promise<ScreenOutcome> => {
  let copied: string | null = null;
  let frame: string | null = null;
  const copy = (text: string): void => {
    copied = text;
    frames.control(copySequence(text));
  };
  await showOn({ frames, input, until, interrupt }, (close, signal) => (
    <App
      {...app}
      copy={copy}
      quit={(withFrame) => {
        if (withFrame) frame = frames.shown();
        close();
      }}
      signal={signal}
    />
  ));
  return { copied, frame };
};

/**
 * Draws an element until it calls `close` or `until` aborts. The alternate screen is left when it returns or throws.
 * @throws what a component threw
 */
export const showOn = async (
  { frames, input, until, interrupt }: Stage,
  draw: (close: () => void, signal: (name: TerminalSignal) => void) => ReactElement,
): Promise<void> => {
  const stdout = frames as unknown as NodeJS.WriteStream;
  frames.enter();
  const close = (): void => instance.unmount();
  const instance = render(
    draw(close, (name) => (name === 'SIGINT' ? interrupt() : suspend(frames, input))),
    {
      stdout,
      stdin: input,
      stderr: stdout,
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    },
  );
  const closed = instance.waitUntilExit();
  until.addEventListener('abort', close);
  try {
    if (until.aborted) close();
    await closed;
  } finally {
    until.removeEventListener('abort', close);
    frames.leave();
  }
};

/** Gives the terminal back to the shell and stops this process group; draws again when it goes on. */
const suspend = (frames: FrameStream, input: NodeJS.ReadStream): void => {
  frames.leave();
  input.setRawMode(false);
  process.once('SIGCONT', () => {
    input.setRawMode(true);
    frames.enter();
  });
  process.kill(0, 'SIGTSTP');
};
