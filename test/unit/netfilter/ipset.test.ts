import { describe, expect, it } from 'vitest';
import { ipsetContains, ipsetsOf } from '../../../src/netfilter/ipset.js';
import type { HookPacket } from '../../../src/netfilter/types.js';
import { parseIpsetSave, renderIpsetSave } from '../../../src/parse/ipset-save.js';
import { ParseError } from '../../../src/parse/parse-error.js';
import { netnsState, textbookPacket } from './helpers/state.js';

const SAVE = [
  'create hosts hash:ip family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x5a3f comment counters',
  'add hosts 192.168.0.2 packets 3 bytes 252 comment "the \\"web\\" one nomatch"',
  'create nets hash:net family inet hashsize 1024 maxelem 65536 timeout 300',
  'add nets 203.0.113.0/24 timeout 120',
  'add nets 203.0.113.0/28 timeout 120 nomatch',
  'create services hash:ip,port family inet hashsize 1024 maxelem 65536',
  'add services 203.0.113.5,tcp:80',
  'add services 203.0.113.5,udp:53-60',
  'create ports bitmap:port range 0-1023',
  'add ports 80',
  'create six hash:ip family inet6 hashsize 1024 maxelem 65536',
  'add six 2001:db8::5',
  'create all list:set size 8',
  'add all hosts',
  'add all six',
  '',
].join('\n');

const sets = new Map(parseIpsetSave(SAVE).map((set) => [set.name, set]));
const packet = (more: Partial<HookPacket> = {}): HookPacket => ({ ...textbookPacket, ...more });
const tcp = packet({ protocol: 'tcp', icmp: null, sourcePort: 4000, destinationPort: 80, destination: '203.0.113.5' });

describe('ipset save', () => {
  it('renders back to the same text', () => {
    expect(renderIpsetSave(parseIpsetSave(SAVE))).toBe(SAVE);
  });

  it.each([
    ['drop everything', 1],
    ['create a hash:ip\ncreate a hash:ip', 2],
    ['create a hash:ip\nadd b 1.2.3.4', 2],
  ])('names the line of %j', (text, line) => {
    expect(() => parseIpsetSave(text)).toThrow(ParseError);
    expect(() => parseIpsetSave(text)).toThrow(`line ${line}`);
  });

  it.each([
    ['hosts', packet(), ['src'], true],
    ['hosts', packet(), ['dst'], false],
    ['nets', packet({ destination: '203.0.113.77' }), ['dst'], true],
    ['nets', packet({ destination: '203.0.113.5' }), ['dst'], false],
    ['services', tcp, ['dst', 'dst'], true],
    ['services', { ...tcp, destinationPort: 81 }, ['dst', 'dst'], false],
    ['services', { ...tcp, protocol: 'udp' as const, destinationPort: 55 }, ['dst', 'dst'], true],
    ['services', packet({ destination: '203.0.113.5' }), ['dst', 'dst'], false],
    ['ports', tcp, ['dst'], true],
    ['ports', tcp, ['src'], false],
    ['six', packet(), ['dst'], false],
    ['all', packet(), ['src'], true],
    ['all', packet(), ['dst'], false],
    ['none', packet(), ['src'], null],
  ])('%s asked about a packet', (name, asked, directions, expected) => {
    expect(ipsetContains(sets, name, asked, directions)).toBe(expected);
  });

  it('is unknown where it was not read or is garbage', () => {
    expect(ipsetsOf(netnsState({}))).toBeNull();
    const garbage = { ...netnsState({}), ipsets: { ok: true, value: '\u0000', command: [], ms: 0 } as const };
    expect(ipsetsOf(garbage)).toBeNull();
  });
});
