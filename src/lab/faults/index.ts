import type { Fault } from '../fault.js';
import { brDown } from './br-down.js';
import { brNoIp } from './br-no-ip.js';
import { brPortIsolated } from './br-port-isolated.js';
import { brPortStpBlocking } from './br-port-stp-blocking.js';
import { brWrongIp } from './br-wrong-ip.js';
import { ctrEth0Down } from './ctr-eth0-down.js';
import { ctrFwInputDrop } from './ctr-fw-input-drop.js';
import { ctrFwOutputDrop } from './ctr-fw-output-drop.js';
import { ctrInternalNetNone } from './ctr-internal-net-none.js';
import { ctrNoDefaultRoute } from './ctr-no-default-route.js';
import { ctrNoIp } from './ctr-no-ip.js';
import { ctrPolicyRule } from './ctr-policy-rule.js';
import { ctrRouteUnreachable } from './ctr-route-unreachable.js';
import { ctrWrongGateway } from './ctr-wrong-gateway.js';
import { hostGatewayUnreachable } from './host-gateway-unreachable.js';
import { hostIfForwardingOffBridge } from './host-if-forwarding-off-bridge.js';
import { hostIpForwardOff } from './host-ip-forward-off.js';
import { hostNoDefaultRoute } from './host-no-default-route.js';
import { hostRouteBlackhole } from './host-route-blackhole.js';
import { hostRouteOverlapVpn } from './host-route-overlap-vpn.js';
import { hostRouteUnreachable } from './host-route-unreachable.js';
import { hostRpFilterContainerSide } from './host-rp-filter-container-side.js';
import { hostRpFilterUplink } from './host-rp-filter-uplink.js';
import { hostRuleSourceTable } from './host-rule-source-table.js';
import { hostSubnetOverlapBridge } from './host-subnet-overlap-bridge.js';
import { nfDockerChainsFlushed } from './nf-docker-chains-flushed.js';
import { nfDockerIsolation } from './nf-docker-isolation.js';
import { nfDockerUserDrop } from './nf-docker-user-drop.js';
import { nfForwardNoReturnRule } from './nf-forward-no-return-rule.js';
import { nfForwardPolicyDrop } from './nf-forward-policy-drop.js';
import { nfMasqWrongIface } from './nf-masq-wrong-iface.js';
import { nfMasqWrongSubnet } from './nf-masq-wrong-subnet.js';
import { nfMissingMasquerade } from './nf-missing-masquerade.js';
import { nfNftForwardDrop } from './nf-nft-forward-drop.js';
import { nfRejectHostProhibited } from './nf-reject-host-prohibited.js';
import { nfSnatWrongIp } from './nf-snat-wrong-ip.js';
import { nicDown } from './nic-down.js';
import { nicNoCarrier } from './nic-no-carrier.js';
import { nicNoIp } from './nic-no-ip.js';
import { unexplainedDrop } from './unexplained-drop.js';
import { uplinkArpBlockedBySwitch } from './uplink-arp-blocked-by-switch.js';
import { uplinkRemoteIgnoresIcmp } from './uplink-remote-ignores-icmp.js';
import { uplinkUpstreamDrops } from './uplink-upstream-drops.js';
import { vethDeleted } from './veth-deleted.js';
import { vethHostEndDown } from './veth-host-end-down.js';
import { vethNotEnslaved } from './veth-not-enslaved.js';
import { vethWrongBridge } from './veth-wrong-bridge.js';

/** Every fault of the lab, sorted by id. */
export const faults: readonly Fault[] = [
  brDown,
  brNoIp,
  brPortIsolated,
  brPortStpBlocking,
  brWrongIp,
  ctrEth0Down,
  ctrFwInputDrop,
  ctrFwOutputDrop,
  ctrInternalNetNone,
  ctrNoDefaultRoute,
  ctrNoIp,
  ctrPolicyRule,
  ctrRouteUnreachable,
  ctrWrongGateway,
  hostGatewayUnreachable,
  hostIfForwardingOffBridge,
  hostIpForwardOff,
  hostNoDefaultRoute,
  hostRouteBlackhole,
  hostRouteOverlapVpn,
  hostRouteUnreachable,
  hostRpFilterContainerSide,
  hostRpFilterUplink,
  hostRuleSourceTable,
  hostSubnetOverlapBridge,
  nfDockerChainsFlushed,
  nfDockerIsolation,
  nfDockerUserDrop,
  nfForwardNoReturnRule,
  nfForwardPolicyDrop,
  nfMasqWrongIface,
  nfMasqWrongSubnet,
  nfMissingMasquerade,
  nfNftForwardDrop,
  nfRejectHostProhibited,
  nfSnatWrongIp,
  nicDown,
  nicNoCarrier,
  nicNoIp,
  unexplainedDrop,
  uplinkArpBlockedBySwitch,
  uplinkRemoteIgnoresIcmp,
  uplinkUpstreamDrops,
  vethDeleted,
  vethHostEndDown,
  vethNotEnslaved,
  vethWrongBridge,
];
