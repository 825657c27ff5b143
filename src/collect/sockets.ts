import { parseSs } from '../parse/ss.js';
import { commandCollector } from './run-artifact.js';

export const sockets = commandCollector('sockets', ['ss', '-Hlntu'], parseSs);
