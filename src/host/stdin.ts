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
