export interface SysctlAssignment {
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

/**
 * The assignments of a file in the form of sysctl.d(5); what is no assignment is left out. A key whose first separator is a
 * slash has its dots and slashes the other way round.
 */
export const parseSysctlConf = (text: string): readonly SysctlAssignment[] =>
  text.split('\n').flatMap((raw, index) => {
    const [, name, value] = /^\s*-?([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(raw) ?? [];
    return name === undefined || value === undefined ? [] : [{ key: dotted(name), value, line: index + 1 }];
  });

const dotted = (name: string): string =>
  /^[^./]*\//.test(name) ? name.replace(/[./]/g, (one) => (one === '/' ? '.' : '/')) : name;
