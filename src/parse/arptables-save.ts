import { type FrameDump, parseFrameSave } from './frame-save.js';

/**
 * Parses the output of arptables-save of either back-end, with or without `-c`. Its rules name their target first.
 * @throws ParseError naming the line
 * @see arptables(8)
 */
export const parseArptablesSave = (text: string): FrameDump => parseFrameSave(text, 'arptables-save');
