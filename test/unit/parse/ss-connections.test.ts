import { describe, expect, test } from 'vitest';
import { parseSsConnections } from '../../../src/parse/ss-connections.js';

const LINES = `ESTAB 100    200    192.168.0.2:35100 203.0.113.5:5432 timer:(on,3.020ms,2)
	 ts sack bbr wscale:10,10 rto:816 backoff:2 rtt:0.234/0.21 bytes_retrans:300 lastsnd:80 lastrcv:1448 lastack:1448 busy:928ms unacked:1 retrans:1/3 lost:1
SYN-SENT 0 1 [2001:db8::2]:40000 [2001:db8::5]:443 timer:(on,736ms,0)
	 cubic rto:1000
ESTAB 0 0 [::ffff:192.168.0.2]%eth0:80 [::ffff:203.0.113.9]:50000 timer:(keepalive,1min59sec,0)
	 cubic rto:204
FIN-WAIT-1 0 1 192.168.0.2:1 203.0.113.5:2 timer:(persist,12sec,4)
`;

describe('ss -Htino', () => {
  test('tells queues, timer and what was sent again, also on lines of their own', () => {
    const [first, second, third, fourth] = parseSsConnections(LINES);
    expect(first).toEqual({
      state: 'ESTAB',
      family: 4,
      local: '192.168.0.2',
      localPort: 35100,
      remote: '203.0.113.5',
      remotePort: 5432,
      receiveQueue: 100,
      sendQueue: 200,
      timer: { name: 'on', inMs: 3020, tries: 2 },
      rtoMs: 816,
      unacknowledged: 1,
      retransmitted: 3,
      lastSentMs: 80,
      lastReceivedMs: 1448,
    });
    expect(second).toMatchObject({ family: 6, local: '2001:db8::2', remotePort: 443, timer: { inMs: 736 } });
    expect(third).toMatchObject({ family: 4, local: '192.168.0.2', localPort: 80, timer: { inMs: 119_000 } });
    expect(fourth).toMatchObject({ timer: { name: 'persist', inMs: 12_000, tries: 4 }, rtoMs: null });
  });

  test('the form of one line is read as well, nothing gives nothing', () => {
    expect(parseSsConnections(LINES.replaceAll('\n\t', ' '))).toEqual(parseSsConnections(LINES));
    expect(parseSsConnections('\n')).toEqual([]);
  });

  test('refuses what is no connection, and names the line', () => {
    expect(() => parseSsConnections('ESTAB 0 0 nowhere 203.0.113.5:2')).toThrow('not a connection');
    expect(() => parseSsConnections('ESTAB x 0 192.0.2.1:1 203.0.113.5:2')).toThrow('not a connection');
  });
});
