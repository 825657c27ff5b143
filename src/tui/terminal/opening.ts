import { headerLine } from '../draw/header.js';
import { plainText } from '../draw/line.js';
import type { Subject } from '../session.js';
import { startOfTrace } from '../store/trace-state.js';
import type { Glyphs } from '../theme.js';

/** The first frame, before anything of the screen is loaded: the header alone. */
export const openingFrame = (subject: Subject, host: string, now: number, columns: number, glyphs: Glyphs): string =>
  plainText(headerLine({ state: startOfTrace(now), now, host, paused: false, ...subject }, columns, glyphs));
