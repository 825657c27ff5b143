import { parseBridgeLink } from '../parse/bridge-link.js';
import { commandCollector } from './run-artifact.js';

export const bridgePorts = commandCollector('bridgePorts', ['bridge', '-j', '-d', 'link', 'show'], parseBridgeLink);
