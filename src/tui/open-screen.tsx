import { render } from 'ink';
import { App, type AppProps } from './app.js';
import { copySequence } from './terminal/clipboard.js';
import type { FrameStream } from './terminal/frame-stream.js';

export interface ScreenOptions extends Omit<AppProps, 'copy' | 'quit'> {
  readonly frames: FrameStream;
  readonly input: NodeJS.ReadStream;
  /** Closes the screen when it aborts. */
  readonly signal: AbortSignal;
}

/** What the person left with. */
export interface ScreenOutcome {
  /** Text that was copied; printed again, in case the terminal ignored it. */
  readonly copied: string | null;
}

/**
 * Draws the screen until the person quits or the signal aborts. The alternate screen is left when it returns or throws.
 * @throws what a component threw
 */
export const openScreen = async ({ frames, input, signal, ...app }: ScreenOptions): Promise<ScreenOutcome> => {
  let copied: string | null = null;
  const copy = (text: string): void => {
    copied = text;
    frames.control(copySequence(text));
  };
  const stdout = frames as unknown as NodeJS.WriteStream;
  frames.enter();
  const instance = render(<App {...app} copy={copy} quit={() => instance.unmount()} />, {
    stdout,
    stdin: input,
    stderr: stdout,
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
  });
  const closed = instance.waitUntilExit();
  const close = (): void => instance.unmount();
  signal.addEventListener('abort', close);
  try {
    if (signal.aborted) close();
    await closed;
  } finally {
    signal.removeEventListener('abort', close);
    frames.leave();
  }
  return { copied };
};
