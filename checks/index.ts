import { brDown } from './bridge/br-down.js';
import { brEbtablesDrop } from './bridge/br-ebtables-drop.js';
import { brFdbWrong } from './bridge/br-fdb-wrong.js';
import { brFloodOff } from './bridge/br-flood-off.js';
import { brMacChanged } from './bridge/br-mac-changed.js';
import { brMtu } from './bridge/br-mtu.js';
import { brNfCallIptables0Service } from './bridge/br-nf-call-iptables-0-service.js';
import { brNoIp } from './bridge/br-no-ip.js';
import { brPortIsolated } from './bridge/br-port-isolated.js';
import { brPortLocked } from './bridge/br-port-locked.js';
import { brPortStp } from './bridge/br-port-stp.js';
import { brVlanMismatch } from './bridge/br-vlan-mismatch.js';
import { brWrongIp } from './bridge/br-wrong-ip.js';
import { hairpinOff } from './bridge/hairpin-off.js';
import { ip6McastSnoopingNoMld } from './bridge/ip6-mcast-snooping-no-mld.js';
import { ovsVlanTagMismatch } from './bridge/ovs-vlan-tag-mismatch.js';
import { appLocalhostMeansContainer } from './container/app-localhost-means-container.js';
import { appProxyEnvLoopback } from './container/app-proxy-env-loopback.js';
import { ctrCgroupBpf } from './container/ctr-cgroup-bpf.js';
import { ctrDestInOwnSubnet } from './container/ctr-dest-in-own-subnet.js';
import { ctrDuplicateAddress } from './container/ctr-duplicate-address.js';
import { ctrEth0Down } from './container/ctr-eth0-down.js';
import { ctrFirewall } from './container/ctr-firewall.js';
import { ctrMtuLowDf } from './container/ctr-mtu-low-df.js';
import { ctrNoCapNetRaw } from './container/ctr-no-cap-net-raw.js';
import { ctrNoDefaultRoute } from './container/ctr-no-default-route.js';
import { ctrNoIp } from './container/ctr-no-ip.js';
import { ctrNoNetwork } from './container/ctr-no-network.js';
import { ctrNoarp } from './container/ctr-noarp.js';
import { ctrPolicyRule } from './container/ctr-policy-rule.js';
import { ctrPortExhaustion } from './container/ctr-port-exhaustion.js';
import { ctrReturnRoute } from './container/ctr-return-route.js';
import { ctrRouteUnreachable } from './container/ctr-route-unreachable.js';
import { ctrStaleHostRoute } from './container/ctr-stale-host-route.js';
import { ctrTtl1 } from './container/ctr-ttl-1.js';
import { ctrWrongAddress } from './container/ctr-wrong-address.js';
import { ctrWrongGateway } from './container/ctr-wrong-gateway.js';
import { dnsNoServer } from './container/dns-no-server.js';
import { ip6DadFailed } from './container/ip6-dad-failed.js';
import { tcpPawsTimestamps } from './container/tcp-paws-timestamps.js';
import type { Check } from './define-check.js';
import { hostDefaultRouteViaVeth } from './host/host-default-route-via-veth.js';
import { hostEcmpDeadNexthop } from './host/host-ecmp-dead-nexthop.js';
import { hostIfForwardingOff } from './host/host-if-forwarding-off.js';
import { hostIpForwardOff } from './host/host-ip-forward-off.js';
import { hostMartianSource } from './host/host-martian-source.js';
import { hostNeighTableOverflow } from './host/host-neigh-table-overflow.js';
import { hostNeighbourWrong } from './host/host-neighbour-wrong.js';
import { hostNoDefaultRoute } from './host/host-no-default-route.js';
import { hostNoL3Broadcast } from './host/host-no-l3-broadcast.js';
import { hostPolicyRule } from './host/host-policy-rule.js';
import { hostProxyArpOff } from './host/host-proxy-arp-off.js';
import { hostReturnRouteWrong } from './host/host-return-route-wrong.js';
import { hostRouteLocalnet } from './host/host-route-localnet.js';
import { hostRouteOverlap } from './host/host-route-overlap.js';
import { hostRouteType } from './host/host-route-type.js';
import { hostRpFilter } from './host/host-rp-filter.js';
import { hostTtl } from './host/host-ttl.js';
import { hostXfrm } from './host/host-xfrm.js';
import { qdiscDrop } from './host/qdisc-drop.js';
import { tcDrop } from './host/tc-drop.js';
import { xdpDrop } from './host/xdp-drop.js';
import { ipvlanHostUnreachable } from './macvlan/ipvlan-host-unreachable.js';
import { macvlanIsolation } from './macvlan/macvlan-isolation.js';
import { macvlanParentDown } from './macvlan/macvlan-parent-down.js';
import { macvlanUpstreamMacFilter } from './macvlan/macvlan-upstream-mac-filter.js';
import { conntrackFull } from './netfilter/conntrack-full.js';
import { ip6NdBlocked } from './netfilter/ip6-nd-blocked.js';
import { nfCtExpired } from './netfilter/nf-ct-expired.js';
import { nfCtHelperMissing } from './netfilter/nf-ct-helper-missing.js';
import { nfForwardNoReturnRule } from './netfilter/nf-forward-no-return-rule.js';
import { nfMasqFailoverFirstPacket } from './netfilter/nf-masq-failover-first-packet.js';
import { nfMasqNotApplied } from './netfilter/nf-masq-not-applied.js';
import { nfNetdevIngressDrop } from './netfilter/nf-netdev-ingress-drop.js';
import { nfNfqueueNoListener } from './netfilter/nf-nfqueue-no-listener.js';
import { nfPolicyDrop } from './netfilter/nf-policy-drop.js';
import { nfRateLimit } from './netfilter/nf-rate-limit.js';
import { nfRedirectHijack } from './netfilter/nf-redirect-hijack.js';
import { nfRuleDrop } from './netfilter/nf-rule-drop.js';
import { nfRuleReject } from './netfilter/nf-rule-reject.js';
import { nfSnatWrong } from './netfilter/nf-snat-wrong.js';
import { nfUntracked } from './netfilter/nf-untracked.js';
import { svcRulesMissing } from './netfilter/svc-rules-missing.js';
import { ovlFdbWrong } from './overlay/ovl-fdb-wrong.js';
import { ovlInnerMtu1500 } from './overlay/ovl-inner-mtu-1500.js';
import { ovlRemoteHost } from './overlay/ovl-remote-host.js';
import { ovlRouteMissing } from './overlay/ovl-route-missing.js';
import { ovlUnderlayBlocked } from './overlay/ovl-underlay-blocked.js';
import { ovlUnderlayRouteIntoTunnel } from './overlay/ovl-underlay-route-into-tunnel.js';
import { ovlWireguardAllowedIps } from './overlay/ovl-wireguard-allowed-ips.js';
import { dockerProxyDead } from './published/docker-proxy-dead.js';
import { pubDnatMissing } from './published/pub-dnat-missing.js';
import { pubDnatWrong } from './published/pub-dnat-wrong.js';
import { pubHostServiceShadows } from './published/pub-host-service-shadows.js';
import { pubListenBacklogFull } from './published/pub-listen-backlog-full.js';
import { pubLocalhost } from './published/pub-localhost.js';
import { pubServiceBoundLoopback } from './published/pub-service-bound-loopback.js';
import { pubServiceNotListening } from './published/pub-service-not-listening.js';
import { pubUdpStaleConntrack } from './published/pub-udp-stale-conntrack.js';
import { badChecksum } from './uplink/bad-checksum.js';
import { dnsServerUnreachable } from './uplink/dns-server-unreachable.js';
import { nicDown } from './uplink/nic-down.js';
import { nicNoCarrier } from './uplink/nic-no-carrier.js';
import { nicRxSoftnetDrop } from './uplink/nic-rx-softnet-drop.js';
import { pmtuBlackhole } from './uplink/pmtu-blackhole.js';
import { uplinkIpConflict } from './uplink/uplink-ip-conflict.js';
import { uplinkMtu } from './uplink/uplink-mtu.js';
import { uplinkMultiNicReply } from './uplink/uplink-multi-nic-reply.js';
import { uplinkNoAnswer } from './uplink/uplink-no-answer.js';
import { uplinkNoNeighbour } from './uplink/uplink-no-neighbour.js';
import { vethHostEndDown } from './veth/veth-host-end-down.js';
import { vethMtuMismatch } from './veth/veth-mtu-mismatch.js';
import { vethNotEnslaved } from './veth/veth-not-enslaved.js';
import { vethWrongBridge } from './veth/veth-wrong-bridge.js';

/** Every check, sorted by id. */
export const checks: readonly Check[] = [
  appLocalhostMeansContainer,
  appProxyEnvLoopback,
  badChecksum,
  brDown,
  brEbtablesDrop,
  brFdbWrong,
  brFloodOff,
  brMacChanged,
  brMtu,
  brNfCallIptables0Service,
  brNoIp,
  brPortIsolated,
  brPortLocked,
  brPortStp,
  brVlanMismatch,
  brWrongIp,
  conntrackFull,
  ctrCgroupBpf,
  ctrDestInOwnSubnet,
  ctrDuplicateAddress,
  ctrEth0Down,
  ctrFirewall,
  ctrMtuLowDf,
  ctrNoCapNetRaw,
  ctrNoDefaultRoute,
  ctrNoIp,
  ctrNoNetwork,
  ctrNoarp,
  ctrPolicyRule,
  ctrPortExhaustion,
  ctrReturnRoute,
  ctrRouteUnreachable,
  ctrStaleHostRoute,
  ctrTtl1,
  ctrWrongAddress,
  ctrWrongGateway,
  dnsNoServer,
  dnsServerUnreachable,
  dockerProxyDead,
  hairpinOff,
  hostDefaultRouteViaVeth,
  hostEcmpDeadNexthop,
  hostIfForwardingOff,
  hostIpForwardOff,
  hostMartianSource,
  hostNeighTableOverflow,
  hostNeighbourWrong,
  hostNoDefaultRoute,
  hostNoL3Broadcast,
  hostPolicyRule,
  hostProxyArpOff,
  hostReturnRouteWrong,
  hostRouteLocalnet,
  hostRouteOverlap,
  hostRouteType,
  hostRpFilter,
  hostTtl,
  hostXfrm,
  ip6DadFailed,
  ip6McastSnoopingNoMld,
  ip6NdBlocked,
  ipvlanHostUnreachable,
  macvlanIsolation,
  macvlanParentDown,
  macvlanUpstreamMacFilter,
  nfCtExpired,
  nfCtHelperMissing,
  nfForwardNoReturnRule,
  nfMasqFailoverFirstPacket,
  nfMasqNotApplied,
  nfNetdevIngressDrop,
  nfNfqueueNoListener,
  nfPolicyDrop,
  nfRateLimit,
  nfRedirectHijack,
  nfRuleDrop,
  nfRuleReject,
  nfSnatWrong,
  nfUntracked,
  nicDown,
  nicNoCarrier,
  nicRxSoftnetDrop,
  ovlFdbWrong,
  ovlInnerMtu1500,
  ovlRemoteHost,
  ovlRouteMissing,
  ovlUnderlayBlocked,
  ovlUnderlayRouteIntoTunnel,
  ovlWireguardAllowedIps,
  ovsVlanTagMismatch,
  pmtuBlackhole,
  pubDnatMissing,
  pubDnatWrong,
  pubHostServiceShadows,
  pubListenBacklogFull,
  pubLocalhost,
  pubServiceBoundLoopback,
  pubServiceNotListening,
  pubUdpStaleConntrack,
  qdiscDrop,
  svcRulesMissing,
  tcDrop,
  tcpPawsTimestamps,
  uplinkIpConflict,
  uplinkMtu,
  uplinkMultiNicReply,
  uplinkNoAnswer,
  uplinkNoNeighbour,
  vethHostEndDown,
  vethMtuMismatch,
  vethNotEnslaved,
  vethWrongBridge,
  xdpDrop,
];
