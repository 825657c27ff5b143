import { parseBridgeFdb } from '../parse/bridge-fdb.js';
import { commandCollector } from './run-artifact.js';

export const fdb = commandCollector('fdb', ['bridge', '-j', 'fdb', 'show'], parseBridgeFdb);
