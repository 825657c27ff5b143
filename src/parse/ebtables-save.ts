import { type FrameDump, parseFrameSave } from './frame-save.js';

/**
 * Parses the output of ebtables-save: of ebtables-nft-save, with or without `-c`, and of the script of the legacy
 * back-end, which writes counters as `-c PACKETS BYTES` at the end of a rule where `EBTABLES_SAVE_COUNTER` is set.
 * @throws ParseError naming the line
 * @see ebtables(8)
 */
export const parseEbtablesSave = (text: string): FrameDump => parseFrameSave(text, 'ebtables-save');
