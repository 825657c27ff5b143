import { parseIpNeigh } from '../parse/ip-neigh.js';
import { commandCollector } from './run-artifact.js';

export const neighbours = commandCollector('neighbours', ['ip', '-j', '-s', 'neigh', 'show'], parseIpNeigh);
