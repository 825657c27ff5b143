import { readFileSync } from 'node:fs';

const NOBODY = 65_534;

/**
 * Whether children can change to the user `nobody`: we are root, and our user namespace maps that user and group and
 * allows setgroups(2).
 * @see user_namespaces(7)
 */
export const canBecomeNobody = (): boolean =>
  process.geteuid?.() === 0 &&
  mapsNobody(read('uid_map')) &&
  mapsNobody(read('gid_map')) &&
  read('setgroups').trim() !== 'deny';

/** `uid_map`: lines of first id inside, first id outside, length. */
export const mapsNobody = (map: string): boolean =>
  map.split('\n').some((line) => {
    const [inside, , length] = line.trim().split(/\s+/).map(Number);
    return inside !== undefined && length !== undefined && inside <= NOBODY && NOBODY < inside + length;
  });

const read = (name: string): string => {
  try {
    return readFileSync(`/proc/self/${name}`, 'utf8');
  } catch {
    return '';
  }
};
