/** What the output can show. */
export interface Terminal {
  /** Standard output is a terminal that can do more than print lines. */
  readonly interactive: boolean;
  readonly color: boolean;
  /** Only characters of ASCII. */
  readonly ascii: boolean;
  readonly width: number;
}

export interface TerminalWishes {
  /** `false` for `--no-color`. */
  readonly color?: 'auto' | 'always' | 'never' | boolean | undefined;
  readonly ascii?: boolean | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Flag, then NO_COLOR, then FORCE_COLOR, then the terminal itself. @see https://no-color.org */
const wantsColor = (wish: TerminalWishes['color'], environment: Environment, capable: boolean): boolean => {
  if (wish === false || wish === 'never') return false;
  if (wish === 'always') return true;
  if (environment['NO_COLOR']) return false;
  if (environment['FORCE_COLOR']) return environment['FORCE_COLOR'] !== '0' && environment['FORCE_COLOR'] !== 'false';
  return capable;
};

const isUtf8 = (environment: Environment): boolean =>
  /utf-?8/i.test(environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || '');

/** The terminal from the flags, the environment and standard output. Without a terminal the width is 80. */
export const terminalOf = (
  wishes: TerminalWishes,
  environment: Environment,
  stdout: { readonly isTTY?: boolean | undefined; readonly columns?: number | undefined },
): Terminal => {
  const interactive = stdout.isTTY === true && environment['TERM'] !== 'dumb';
  return {
    interactive,
    color: wantsColor(wishes.color, environment, interactive),
    ascii: wishes.ascii ?? !isUtf8(environment),
    width: stdout.isTTY === true && stdout.columns ? stdout.columns : 80,
  };
};
