import type { ProcessContext } from '../model/process-context.js';
import { ParseError } from './parse-error.js';

/** @see linux/capability.h */
const CAP_NET_RAW = 13n;

/**
 * What `/proc/PID/status` says of raw sockets and groups.
 * @see proc_pid_status(5); capabilities(7), "Transformation of capabilities during execve()"
 * @throws ParseError without these lines
 */
export const parseProcessStatus = (text: string): Pick<ProcessContext, 'rawSockets' | 'groups'> => {
  const field = (name: string): string => {
    const value = new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(text)?.[1];
    if (value === undefined) throw new ParseError('/proc/PID/status', null, `no line ${name}`);
    return value.trim();
  };
  const has = (set: string): boolean => ((BigInt(`0x${field(set)}`) >> CAP_NET_RAW) & 1n) === 1n;
  const isBound = /^NoNewPrivs:\s*1$/m.test(text) && !has('CapPrm');
  return {
    rawSockets: has('CapEff') ? 'yes' : has('CapBnd') && !isBound ? 'by-file' : 'no',
    groups: [field('Gid').split(/\s+/)[1], ...field('Groups').split(/\s+/)].flatMap((group) =>
      group ? [Number(group)] : [],
    ),
  };
};
