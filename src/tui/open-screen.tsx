import { render } from 'ink';
import { App, type AppProps } from './app.js';
import { copySequence } from './terminal/clipboard.js';
import type { FrameStream } from './terminal/frame-stream.js';

export interface ScreenOptions extends Omit<AppProps, 'copy' | 'quit' | 'signal'> {
  readonly frames: FrameStream;
  readonly input: NodeJS.ReadStream;
  /** Closes the screen when it aborts. */
  readonly until: AbortSignal;
  /** Ends the program as ctrl-c does. */
  interrupt(): void;
}

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
  const stdout = frames as unknown as NodeJS.WriteStream;
  frames.enter();
  const instance = render(
    <App
      {...app}
      copy={copy}
      quit={(withFrame) => {
        if (withFrame) frame = frames.shown();
        instance.unmount();
      }}
      signal={(name) => (name === 'SIGINT' ? interrupt() : suspend(frames, input))}
    />,
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
  const close = (): void => instance.unmount();
  until.addEventListener('abort', close);
  try {
    if (until.aborted) close();
    await closed;
  } finally {
    until.removeEventListener('abort', close);
    frames.leave();
  }
  return { copied, frame };
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
