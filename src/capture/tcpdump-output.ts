import type { CaptureFailure } from '../model/packet.js';

/** What tcpdump and the programs that start it say on standard error. */
export interface TcpdumpOutput {
  /** Device that it listens on; `null` before it does. */
  readonly listeningOn: string | null;
  readonly captured: number | null;
  readonly droppedByKernel: number | null;
  /** The first line that is a complaint. */
  readonly complaint: string | null;
}

const CHATTER = /^tcpdump: (listening on|verbose output suppressed|data link type)|^\d+ packets? |^\(|^$/;

/** Reads standard error of a capture as far as it has come. @see tcpdump(8) OUTPUT FORMAT */
export const readTcpdumpOutput = (stderr: string): TcpdumpOutput => ({
  listeningOn: stderr.match(/listening on (.*), link-type /)?.[1] ?? null,
  captured: numberIn(stderr, /^(\d+) packets? captured$/m),
  droppedByKernel: numberIn(stderr, /^(\d+) packets? dropped by kernel$/m),
  complaint: stderr.split(/\r?\n/).find((line) => !CHATTER.test(line)) ?? null,
});

const numberIn = (text: string, pattern: RegExp): number | null => {
  const digits = text.match(pattern)?.[1];
  return digits === undefined ? null : Number(digits);
};

/** A name that is no UTF-8 has lost its bytes on the way to us: the device may well exist. */
export const noSuchDevice = (ifname: string): { readonly error: string; readonly failure: CaptureFailure } =>
  ifname.includes('\uFFFD')
    ? { error: `${ifname}: the name is no UTF-8`, failure: 'failed' }
    : { error: `${ifname}: no such device`, failure: 'no-interface' };

/** A folder on PATH that `nobody` may not enter turns a missing program into a permission that is denied. */
const UNUSABLE: Readonly<Record<string, string>> = {
  'No such file or directory': 'is not installed',
  'Permission denied': 'is not installed, or not for all users',
};

/** What a capture that did not run failed of: the complaint in one plain line, and its class. */
export const captureFailure = (
  complaint: string | null,
  ifname: string,
): { readonly error: string; readonly failure: CaptureFailure } => {
  const text = complaint?.replace(/^(tcpdump|nsenter|setpriv|timeout): /, '') ?? 'tcpdump ended without a message';
  const [, tool, reason] = text.match(/failed to (?:run command|execute) \W?([\w-]+)\W*: (.+)/) ?? [];
  if (tool !== undefined) return { error: `${tool} ${UNUSABLE[reason ?? ''] ?? reason}`, failure: 'missing-tool' };
  if (/No such device|SIOCGIFHWADDR|interface disappeared/i.test(text)) return noSuchDevice(ifname);
  if (/is not up|network is down|went down/i.test(text))
    return { error: `${ifname} is down`, failure: 'interface-down' };
  if (/not permitted|permission|Couldn't change to/i.test(text)) return { error: text, failure: 'not-permitted' };
  return { error: text, failure: 'failed' };
};
