export { addressType } from './address-type.js';
export { lookupRoute } from './lookup-route.js';
export { mendRoute } from './mend-route.js';
export { neighbourOf } from './neighbour.js';
export { type ReceivedPacket, reversePath } from './reverse-path.js';
export { isForwarding } from './settings.js';
export { primaryAddress } from './source-address.js';
export { type RoutingState, routingState } from './state.js';
