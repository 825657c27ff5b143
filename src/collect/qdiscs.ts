import { parseTcQdisc } from '../parse/tc.js';
import { commandCollector } from './run-artifact.js';

export const qdiscs = commandCollector('qdiscs', ['tc', '-j', '-s', 'qdisc', 'show'], parseTcQdisc);
