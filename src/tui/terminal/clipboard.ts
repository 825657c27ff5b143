/** The sequence by which a terminal takes a text into its clipboard, also over ssh. @see xterm's ctlseqs, OSC 52 */
export const copySequence = (text: string): string =>
  `\u001b]52;c;${Buffer.from(text, 'utf8').toString('base64')}\u0007`;
