import type { Fact } from './facts.js';

/** Interfaces with their zones, from `firewall-cmd --get-active-zones`. @see firewall-cmd(1) */
export const zoneFacts = (output: string): readonly Fact[] => {
  const facts: Fact[] = [];
  let zone = '';
  for (const line of output.split('\n')) {
    const [, name] = /^(\S+)/.exec(line) ?? [];
    if (name !== undefined) zone = name;
    const [, devices] = /^\s+interfaces: (.*)$/.exec(line) ?? [];
    for (const device of devices?.split(/\s+/).filter((word) => word !== '') ?? []) facts.push(['zone', device, zone]);
  }
  return facts;
};

/** Rules of routed traffic, from `ufw show added`. @see ufw(8) */
export const ufwFacts = (output: string): readonly Fact[] =>
  output.split('\n').flatMap((line): readonly Fact[] => {
    const [, rule] = /^ufw route (.+)$/.exec(line.trim()) ?? [];
    return rule === undefined ? [] : [['ufw-route', rule, 'added']];
  });
