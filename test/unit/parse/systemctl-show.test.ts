import { expect, test } from 'vitest';
import { parseSystemctlShow } from '../../../src/parse/systemctl-show.js';

const TEXT = `Id=docker.service
ActiveEnterTimestamp=Fri 2026-11-27 02:12:03 UTC
StateChangeTimestamp=Fri 2026-11-27 02:12:03 UTC

ActiveEnterTimestamp=Thu 2026-11-26 09:00:00 UTC
Id=firewalld.service
StateChangeTimestamp=Fri 2026-11-27 02:41:10.123456 UTC

Id=ufw.service
ActiveEnterTimestamp=
StateChangeTimestamp=n/a
`;

test('units with the times of their start and of their last change', () => {
  expect(parseSystemctlShow(TEXT)).toEqual([
    { unit: 'docker.service', started: '2026-11-27T02:12:03Z', changed: '2026-11-27T02:12:03Z' },
    { unit: 'firewalld.service', started: '2026-11-26T09:00:00Z', changed: '2026-11-27T02:41:10Z' },
    { unit: 'ufw.service', started: null, changed: null },
  ]);
});

test('a time of another zone is not taken for UTC, and a line without a value is refused by its number', () => {
  expect(parseSystemctlShow('Id=a.service\nActiveEnterTimestamp=Fri 2026-11-27 02:12:03 CET\n')).toEqual([
    { unit: 'a.service', started: null, changed: null },
  ]);
  expect(() => parseSystemctlShow('Id=a.service\n\ngarbage\n')).toThrow('systemctl show, line 3: ');
});
