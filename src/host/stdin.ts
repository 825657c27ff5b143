import { createInterface } from 'node:readline/promises';
import { FileRefused } from './files.js';

/**
 * Standard input to its end, as UTF-8.
 * @throws FileRefused above `maxBytes`
 */
export const readStandardInput = async (maxBytes: number): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new FileRefused(`standard input is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** Whether a person can be asked: standard input and standard error are terminals. */
export const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** Asks on standard error, and ends with the line that was typed; `null` at the end of input. */
export const ask = async (question: string, signal: AbortSignal): Promise<string | null> => {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    const closed = new Promise<null>((resolve) => lines.once('close', () => resolve(null)));
    return await Promise.race([lines.question(question, { signal }), closed]);
  } finally {
    lines.close();
  }
};
