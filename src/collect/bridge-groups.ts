import { parseBridgeMdb } from '../parse/bridge-mdb.js';
import { commandCollector } from './run-artifact.js';

export const bridgeGroups = commandCollector('bridgeGroups', ['bridge', '-j', '-d', 'mdb', 'show'], parseBridgeMdb);
