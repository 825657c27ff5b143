import { FrameStream } from '../tui/terminal/frame-stream.js';
import type { CommandContext } from './context.js';

/** Opens the alternate screen; the terminal is as it was when the program ends, however it ends. */
export const openFrames = (context: CommandContext): FrameStream => {
  const frames = new FrameStream(process.stdout);
  context.guardTerminal(() => {
    frames.leave();
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
  });
  frames.enter();
  // What is typed while the screen loads waits for it, and is not echoed into the frame.
  process.stdin.setRawMode(true);
  return frames;
};
