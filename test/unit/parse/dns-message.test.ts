import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  parseDnsReply,
  queryBytes,
  queryId,
  queryNumber,
  questionBytes,
  replyWords,
} from '../../../src/parse/dns-message.js';

const QUESTION = { name: 'example.test', type: 'A' } as const;

/** As dig +noedns +noadflag sends it. */
const QUERY = '12340100000100000000000007657861'.concat('6d706c6504746573740000010001');

/** An answer to it, with flags and a count of answers. */
const reply = (flags: string, answers = '0000') =>
  Buffer.from(QUERY.replace('0100', flags).replace(/^(.{12})0000/, `$1${answers}`), 'hex');

test('a query is what other resolvers send, a dot at the end or not', () => {
  expect(queryBytes(QUESTION, 0x1234).toString('hex')).toBe(QUERY);
  expect(queryBytes({ ...QUESTION, name: 'example.test.' }, 0x1234).toString('hex')).toBe(QUERY);
  expect(questionBytes({ name: '.', type: 'AAAA' }).toString('hex')).toBe('00001c0001');
});

test('an answer is read, and nothing else is one', () => {
  expect(parseDnsReply(reply('8180', '0002'), 0x1234)).toEqual({ rcode: 0, truncated: false, answers: 2 });
  expect(parseDnsReply(reply('8183'), 0x1234)).toEqual({ rcode: 3, truncated: false, answers: 0 });
  expect(parseDnsReply(reply('8380'), 0x1234)).toEqual({ rcode: 0, truncated: true, answers: 0 });
  expect(parseDnsReply(reply('8180'), 0x1235)).toBeNull();
  expect(parseDnsReply(reply('0100'), 0x1234)).toBeNull();
  expect(parseDnsReply(Buffer.from('12348180', 'hex'), 0x1234)).toBeNull();
});

test('response codes have words', () => {
  expect(replyWords({ rcode: 0, answers: 1 })).toBe('NOERROR, 1 record');
  expect(replyWords({ rcode: 0, answers: 0 })).toBe('NOERROR, the name has no such record');
  expect(replyWords({ rcode: 5, answers: 0 })).toBe('REFUSED, the server refuses to answer us');
  expect(replyWords({ rcode: 11, answers: 0 })).toBe('response code 11, the server gives no answer');
});

test('queries of a run and their answers are known by id and question, also where the id runs over and the capture cut', () => {
  const token = 'fffe0000';
  const question = questionBytes(QUESTION);
  const second = queryBytes(QUESTION, queryId(token, 2));
  expect(queryId(token, 2)).toBe(0);
  expect(queryNumber(second, token, question)).toBe(2);
  expect(queryNumber(second.subarray(0, 20), token, question)).toBe(2);
  expect(queryNumber(second, 'abcd0000', question)).toBeNull();
  expect(queryNumber(second, token, questionBytes({ ...QUESTION, name: 'example.org' }))).toBeNull();
  expect(queryNumber(queryBytes({ ...QUESTION, name: 'EXAMPLE.test' }, 0), token, question)).toBe(2);
});

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      parseDnsReply(bytes, 0);
      queryNumber(Buffer.from(bytes), '00000000', questionBytes(QUESTION));
    }),
  );
});
