import { parseBridgeVlan } from '../parse/bridge-vlan.js';
import { commandCollector } from './run-artifact.js';

/** A kernel without VLAN filtering shows no VLANs. */
export const bridgeVlans = commandCollector('bridgeVlans', ['bridge', '-j', 'vlan', 'show'], parseBridgeVlan);
