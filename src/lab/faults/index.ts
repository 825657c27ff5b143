import type { Fault } from '../fault.js';
import { appLocalhostMeansContainer } from './app-localhost-means-container.js';
import { brDown } from './br-down.js';
import { brEbtablesArpDrop } from './br-ebtables-arp-drop.js';
import { brEbtablesForwardDrop } from './br-ebtables-forward-drop.js';
import { brEbtablesInputDrop } from './br-ebtables-input-drop.js';
import { brFdbStaticWrongPort } from './br-fdb-static-wrong-port.js';
import { brFloodOffNoLearning } from './br-flood-off-no-learning.js';
import { brHairpinOff } from './br-hairpin-off.js';
import { brHtbDirectQlen0 } from './br-htb-direct-qlen-0.js';
import { brMacChanged } from './br-mac-changed.js';
import { brMcastFloodOffIpv6 } from './br-mcast-flood-off-ipv6.js';
import { brMtuSmallerThanPortC2c } from './br-mtu-smaller-than-port-c2c.js';
import { brNfCallForwardDrop } from './br-nf-call-forward-drop.js';
import { brNfCallIptables0Service } from './br-nf-call-iptables-0-service.js';
import { brNftMacAntispoof } from './br-nft-mac-antispoof.js';
import { brNoIp } from './br-no-ip.js';
import { brNoIpC2h } from './br-no-ip-c2h.js';
import { brPortIsolated } from './br-port-isolated.js';
import { brPortLocked } from './br-port-locked.js';
import { brPortStpBlocking } from './br-port-stp-blocking.js';
import { brPortStpLearning } from './br-port-stp-learning.js';
import { brWrongIp } from './br-wrong-ip.js';
import { c2cStaleArp } from './c2c-stale-arp.js';
import { ctrCgroupBpfEgress } from './ctr-cgroup-bpf-egress.js';
import { ctrDnsNoNameserver } from './ctr-dns-no-nameserver.js';
import { ctrDnsStub } from './ctr-dns-stub-127.0.0.53.js';
import { ctrDuplicateIp } from './ctr-duplicate-ip.js';
import { ctrEth0Down } from './ctr-eth0-down.js';
import { ctrFwInputDrop } from './ctr-fw-input-drop.js';
import { ctrFwOutputDrop } from './ctr-fw-output-drop.js';
import { ctrGwStaleMac } from './ctr-gw-stale-mac.js';
import { ctrInternalNetNone } from './ctr-internal-net-none.js';
import { ctrIstioRedirectNoProxy } from './ctr-istio-redirect-no-proxy.js';
import { ctrLoDown } from './ctr-lo-down.js';
import { ctrMtuBelowHostVeth } from './ctr-mtu-below-host-veth.js';
import { ctrMtuLowDf } from './ctr-mtu-low-df.js';
import { ctrNoDefaultRoute } from './ctr-no-default-route.js';
import { ctrNoIp } from './ctr-no-ip.js';
import { ctrNoarp } from './ctr-noarp.js';
import { ctrPmtuCachePoisoned } from './ctr-pmtu-cache-poisoned.js';
import { ctrPolicyRule } from './ctr-policy-rule.js';
import { ctrPortExhaustion } from './ctr-port-exhaustion.js';
import { ctrRouteUnreachable } from './ctr-route-unreachable.js';
import { ctrRpFilter } from './ctr-rp-filter.js';
import { ctrSrcNotInMasq } from './ctr-src-not-in-masq.js';
import { ctrTcRatelimit } from './ctr-tc-ratelimit.js';
import { ctrTtl1 } from './ctr-ttl-1.js';
import { ctrWrongGateway } from './ctr-wrong-gateway.js';
import { ctrWrongMaskWide } from './ctr-wrong-mask-wide.js';
import { dnsEmbeddedNatMissing } from './dns-embedded-nat-missing.js';
import { dnsHostDockerInternalMissing } from './dns-host-docker-internal-missing.js';
import { dnsHostResolverBlocked } from './dns-host-resolver-blocked.js';
import { dnsHostResolverDown } from './dns-host-resolver-down.js';
import { dnsServerUnreachable } from './dns-server-unreachable.js';
import { dnsUpstreamBlocks53 } from './dns-upstream-blocks-53.js';
import { hostArpAnnounceUpstreamDrop } from './host-arp-announce-upstream-drop.js';
import { hostDefaultRouteViaVeth } from './host-default-route-via-veth.js';
import { hostDestIsLocalVip } from './host-dest-is-local-vip.js';
import { hostEcmpDeadNexthop } from './host-ecmp-dead-nexthop.js';
import { hostGatewayUnreachable } from './host-gateway-unreachable.js';
import { hostIfForwardingOffBridge } from './host-if-forwarding-off-bridge.js';
import { hostIpForwardOff } from './host-ip-forward-off.js';
import { hostMartianOwnSource } from './host-martian-own-source.js';
import { hostNeighPermanentWrong } from './host-neigh-permanent-wrong.js';
import { hostNoDefaultRoute } from './host-no-default-route.js';
import { hostProxyArpNoDefaultRoute } from './host-proxy-arp-no-default-route.js';
import { hostProxyArpOff } from './host-proxy-arp-off.js';
import { hostRouteBlackhole } from './host-route-blackhole.js';
import { hostRouteLocalnet } from './host-route-localnet.js';
import { hostRouteOverlapVpn } from './host-route-overlap-vpn.js';
import { hostRouteToContainerWrongDev } from './host-route-to-container-wrong-dev.js';
import { hostRouteUnreachable } from './host-route-unreachable.js';
import { hostRpFilterContainerSide } from './host-rp-filter-container-side.js';
import { hostRpFilterUplink } from './host-rp-filter-uplink.js';
import { hostRuleFwmark } from './host-rule-fwmark.js';
import { hostRuleReturnPath } from './host-rule-return-path.js';
import { hostRuleSourceTable } from './host-rule-source-table.js';
import { hostStaleBridgeSameSubnet } from './host-stale-bridge-same-subnet.js';
import { hostSubnetOverlapBridge } from './host-subnet-overlap-bridge.js';
import { hostTtlMangle } from './host-ttl-mangle.js';
import { hostXfrmBlock } from './host-xfrm-block.js';
import { hostXfrmTunnelNoSa } from './host-xfrm-tunnel-no-sa.js';
import { ip6DisabledInContainer } from './ip6-disabled-in-container.js';
import { ip6ForwardingOff } from './ip6-forwarding-off.js';
import { ip6Ip6tablesForwardDrop } from './ip6-ip6tables-forward-drop.js';
import { ip6NdBlocked } from './ip6-nd-blocked.js';
import { ip6NoMasqueradeUla } from './ip6-no-masquerade-ula.js';
import { ip6PtbBlocked } from './ip6-ptb-blocked.js';
import { macvlanParentDown } from './macvlan-parent-down.js';
import { macvlanPrivateC2c } from './macvlan-private-c2c.js';
import { macvlanUpstreamMacFilter } from './macvlan-upstream-mac-filter.js';
import { macvlanWrongSubnet } from './macvlan-wrong-subnet.js';
import { nfConnlimit } from './nf-connlimit.js';
import { nfConntrackFull } from './nf-conntrack-full.js';
import { nfDnatHijackOutbound } from './nf-dnat-hijack-outbound.js';
import { nfDockerChainsFlushed } from './nf-docker-chains-flushed.js';
import { nfDockerIsolation } from './nf-docker-isolation.js';
import { nfDockerUserDrop } from './nf-docker-user-drop.js';
import { nfForwardNoReturnRule } from './nf-forward-no-return-rule.js';
import { nfForwardPolicyDrop } from './nf-forward-policy-drop.js';
import { nfIccFalse } from './nf-icc-false.js';
import { nfInputDropFromBridge } from './nf-input-drop-from-bridge.js';
import { nfInvalidDropAsym } from './nf-invalid-drop-asym.js';
import { nfIpsetBlock } from './nf-ipset-block.js';
import { nfLimitDrop } from './nf-limit-drop.js';
import { nfMasqPortExhaustion } from './nf-masq-port-exhaustion.js';
import { nfMasqWrongIface } from './nf-masq-wrong-iface.js';
import { nfMasqWrongSubnet } from './nf-masq-wrong-subnet.js';
import { nfMissingMasquerade } from './nf-missing-masquerade.js';
import { nfNetdevIngressDrop } from './nf-netdev-ingress-drop.js';
import { nfNetpolDefaultDeny } from './nf-netpol-default-deny.js';
import { nfNfqueueNoListener } from './nf-nfqueue-no-listener.js';
import { nfNftForwardDrop } from './nf-nft-forward-drop.js';
import { nfOutputDropToBridge } from './nf-output-drop-to-bridge.js';
import { nfPhysdevAntispoof } from './nf-physdev-antispoof.js';
import { nfRawDropDirect } from './nf-raw-drop-direct.js';
import { nfRawNotrack } from './nf-raw-notrack.js';
import { nfRejectHostProhibited } from './nf-reject-host-prohibited.js';
import { nfRejectPortUnreachable } from './nf-reject-port-unreachable.js';
import { nfRejectTcpReset } from './nf-reject-tcp-reset.js';
import { nfSnatWrongIp } from './nf-snat-wrong-ip.js';
import { nfStaleLegacyRules } from './nf-stale-legacy-rules.js';
import { nfStatisticRandom } from './nf-statistic-random.js';
import { nicDown } from './nic-down.js';
import { nicMtuSmallDf } from './nic-mtu-small-df.js';
import { nicNoCarrier } from './nic-no-carrier.js';
import { nicNoIp } from './nic-no-ip.js';
import { ovlBadUdpChecksum } from './ovl-bad-udp-checksum.js';
import { ovlDevDown } from './ovl-dev-down.js';
import { ovlFdbMissing } from './ovl-fdb-missing.js';
import { ovlFdbWrongVtep } from './ovl-fdb-wrong-vtep.js';
import { ovlHostgwUpstreamNoRoute } from './ovl-hostgw-upstream-no-route.js';
import { ovlHostgwWrongNexthop } from './ovl-hostgw-wrong-nexthop.js';
import { ovlInnerMtu1500 } from './ovl-inner-mtu-1500.js';
import { ovlMtuDf } from './ovl-mtu-df.js';
import { ovlNeighMissing } from './ovl-neigh-missing.js';
import { ovlRemoteForwardDrop } from './ovl-remote-forward-drop.js';
import { ovlRemoteRouteMissing } from './ovl-remote-route-missing.js';
import { ovlRouteMissing } from './ovl-route-missing.js';
import { ovlRpFilter } from './ovl-rp-filter.js';
import { ovlSamePublicIp } from './ovl-same-public-ip.js';
import { ovlUdpBlockedUnderlay } from './ovl-udp-blocked-underlay.js';
import { ovlUdpPortBlocked } from './ovl-udp-port-blocked.js';
import { ovlVniMismatch } from './ovl-vni-mismatch.js';
import { ovlWrongVtepLocalIp } from './ovl-wrong-vtep-local-ip.js';
import { pmtuBlackholeFragneededFiltered } from './pmtu-blackhole-fragneeded-filtered.js';
import { pmtuBlackholeHostOutputBlocked } from './pmtu-blackhole-host-output-blocked.js';
import { pubBoundHostLoopback } from './pub-bound-host-loopback.js';
import { pubContainerNoRouteBack } from './pub-container-no-route-back.js';
import { pubCtrFwInput } from './pub-ctr-fw-input.js';
import { pubDnatDuplicate } from './pub-dnat-duplicate.js';
import { pubDnatExcludesBridge } from './pub-dnat-excludes-bridge.js';
import { pubDnatMissing } from './pub-dnat-missing.js';
import { pubDnatWrongIp } from './pub-dnat-wrong-ip.js';
import { pubDnatWrongPort } from './pub-dnat-wrong-port.js';
import { pubForwardDrop } from './pub-forward-drop.js';
import { pubHairpinFromContainer } from './pub-hairpin-from-container.js';
import { pubHostServiceShadows } from './pub-host-service-shadows.js';
import { pubIsolationOtherBridge } from './pub-isolation-other-bridge.js';
import { pubLocalOutputDnatMissing } from './pub-local-output-dnat-missing.js';
import { pubLocalhostNoRouteLocalnet } from './pub-localhost-no-route-localnet.js';
import { pubRpFilterDnat } from './pub-rp-filter-dnat.js';
import { pubServiceBoundLoopback } from './pub-service-bound-loopback.js';
import { pubServiceNotRunning } from './pub-service-not-running.js';
import { svcEtpLocalDrop } from './svc-etp-local-drop.js';
import { svcHairpinNoMasq } from './svc-hairpin-no-masq.js';
import { svcNoEndpointsReject } from './svc-no-endpoints-reject.js';
import { svcOneEndpointDead } from './svc-one-endpoint-dead.js';
import { svcRulesMissing } from './svc-rules-missing.js';
import { svcStaleEndpoint } from './svc-stale-endpoint.js';
import { unexplainedDrop } from './unexplained-drop.js';
import { uplinkAntispoofSrcIp } from './uplink-antispoof-src-ip.js';
import { uplinkArpBlockedBySwitch } from './uplink-arp-blocked-by-switch.js';
import { uplinkBadChecksum } from './uplink-bad-checksum.js';
import { uplinkFragmentsDropped } from './uplink-fragments-dropped.js';
import { uplinkFrameExceedsPeerMtu } from './uplink-frame-exceeds-peer-mtu.js';
import { uplinkGatewayWrongMac } from './uplink-gateway-wrong-mac.js';
import { uplinkIpConflict } from './uplink-ip-conflict.js';
import { uplinkMultiNicReply } from './uplink-multi-nic-reply.js';
import { uplinkQdiscDrop } from './uplink-qdisc-drop.js';
import { uplinkRemoteIgnoresIcmp } from './uplink-remote-ignores-icmp.js';
import { uplinkUpstreamDrops } from './uplink-upstream-drops.js';
import { vethDeleted } from './veth-deleted.js';
import { vethHostEndDown } from './veth-host-end-down.js';
import { vethHostMtuSmaller } from './veth-host-mtu-smaller.js';
import { vethNotEnslaved } from './veth-not-enslaved.js';
import { vethNotEnslavedFreshArp } from './veth-not-enslaved-fresh-arp.js';
import { vethTcBandwidth } from './veth-tc-bandwidth.js';
import { vethTcEgressBpfDrop } from './veth-tc-egress-bpf-drop.js';
import { vethTcIngressBpfDrop } from './veth-tc-ingress-bpf-drop.js';
import { vethWrongBridge } from './veth-wrong-bridge.js';
import { vethXdpDrop } from './veth-xdp-drop.js';

/** Every fault of the lab, sorted by id. */
export const faults: readonly Fault[] = [
  appLocalhostMeansContainer,
  brDown,
  brEbtablesArpDrop,
  brEbtablesForwardDrop,
  brEbtablesInputDrop,
  brFdbStaticWrongPort,
  brFloodOffNoLearning,
  brHairpinOff,
  brHtbDirectQlen0,
  brMacChanged,
  brMcastFloodOffIpv6,
  brMtuSmallerThanPortC2c,
  brNfCallForwardDrop,
  brNfCallIptables0Service,
  brNftMacAntispoof,
  brNoIp,
  brNoIpC2h,
  brPortIsolated,
  brPortLocked,
  brPortStpBlocking,
  brPortStpLearning,
  brWrongIp,
  c2cStaleArp,
  ctrCgroupBpfEgress,
  ctrDnsNoNameserver,
  ctrDnsStub,
  ctrDuplicateIp,
  ctrEth0Down,
  ctrFwInputDrop,
  ctrFwOutputDrop,
  ctrGwStaleMac,
  ctrInternalNetNone,
  ctrIstioRedirectNoProxy,
  ctrLoDown,
  ctrMtuBelowHostVeth,
  ctrMtuLowDf,
  ctrNoDefaultRoute,
  ctrNoIp,
  ctrNoarp,
  ctrPmtuCachePoisoned,
  ctrPolicyRule,
  ctrPortExhaustion,
  ctrRouteUnreachable,
  ctrRpFilter,
  ctrSrcNotInMasq,
  ctrTcRatelimit,
  ctrTtl1,
  ctrWrongGateway,
  ctrWrongMaskWide,
  dnsEmbeddedNatMissing,
  dnsHostDockerInternalMissing,
  dnsHostResolverBlocked,
  dnsHostResolverDown,
  dnsServerUnreachable,
  dnsUpstreamBlocks53,
  hostArpAnnounceUpstreamDrop,
  hostDefaultRouteViaVeth,
  hostDestIsLocalVip,
  hostEcmpDeadNexthop,
  hostGatewayUnreachable,
  hostIfForwardingOffBridge,
  hostIpForwardOff,
  hostMartianOwnSource,
  hostNeighPermanentWrong,
  hostNoDefaultRoute,
  hostProxyArpNoDefaultRoute,
  hostProxyArpOff,
  hostRouteBlackhole,
  hostRouteLocalnet,
  hostRouteOverlapVpn,
  hostRouteToContainerWrongDev,
  hostRouteUnreachable,
  hostRpFilterContainerSide,
  hostRpFilterUplink,
  hostRuleFwmark,
  hostRuleReturnPath,
  hostRuleSourceTable,
  hostStaleBridgeSameSubnet,
  hostSubnetOverlapBridge,
  hostTtlMangle,
  hostXfrmBlock,
  hostXfrmTunnelNoSa,
  ip6DisabledInContainer,
  ip6ForwardingOff,
  ip6Ip6tablesForwardDrop,
  ip6NdBlocked,
  ip6NoMasqueradeUla,
  ip6PtbBlocked,
  macvlanParentDown,
  macvlanPrivateC2c,
  macvlanUpstreamMacFilter,
  macvlanWrongSubnet,
  nfConnlimit,
  nfConntrackFull,
  nfDnatHijackOutbound,
  nfDockerChainsFlushed,
  nfDockerIsolation,
  nfDockerUserDrop,
  nfForwardNoReturnRule,
  nfForwardPolicyDrop,
  nfIccFalse,
  nfInputDropFromBridge,
  nfInvalidDropAsym,
  nfIpsetBlock,
  nfLimitDrop,
  nfMasqPortExhaustion,
  nfMasqWrongIface,
  nfMasqWrongSubnet,
  nfMissingMasquerade,
  nfNetdevIngressDrop,
  nfNetpolDefaultDeny,
  nfNfqueueNoListener,
  nfNftForwardDrop,
  nfOutputDropToBridge,
  nfPhysdevAntispoof,
  nfRawDropDirect,
  nfRawNotrack,
  nfRejectHostProhibited,
  nfRejectPortUnreachable,
  nfRejectTcpReset,
  nfSnatWrongIp,
  nfStaleLegacyRules,
  nfStatisticRandom,
  nicDown,
  nicMtuSmallDf,
  nicNoCarrier,
  nicNoIp,
  ovlBadUdpChecksum,
  ovlDevDown,
  ovlFdbMissing,
  ovlFdbWrongVtep,
  ovlHostgwUpstreamNoRoute,
  ovlHostgwWrongNexthop,
  ovlInnerMtu1500,
  ovlMtuDf,
  ovlNeighMissing,
  ovlRemoteForwardDrop,
  ovlRemoteRouteMissing,
  ovlRouteMissing,
  ovlRpFilter,
  ovlSamePublicIp,
  ovlUdpBlockedUnderlay,
  ovlUdpPortBlocked,
  ovlVniMismatch,
  ovlWrongVtepLocalIp,
  pmtuBlackholeFragneededFiltered,
  pmtuBlackholeHostOutputBlocked,
  pubBoundHostLoopback,
  pubContainerNoRouteBack,
  pubCtrFwInput,
  pubDnatDuplicate,
  pubDnatExcludesBridge,
  pubDnatMissing,
  pubDnatWrongIp,
  pubDnatWrongPort,
  pubForwardDrop,
  pubHairpinFromContainer,
  pubHostServiceShadows,
  pubIsolationOtherBridge,
  pubLocalOutputDnatMissing,
  pubLocalhostNoRouteLocalnet,
  pubRpFilterDnat,
  pubServiceBoundLoopback,
  pubServiceNotRunning,
  svcEtpLocalDrop,
  svcHairpinNoMasq,
  svcNoEndpointsReject,
  svcOneEndpointDead,
  svcRulesMissing,
  svcStaleEndpoint,
  unexplainedDrop,
  uplinkAntispoofSrcIp,
  uplinkArpBlockedBySwitch,
  uplinkBadChecksum,
  uplinkFragmentsDropped,
  uplinkFrameExceedsPeerMtu,
  uplinkGatewayWrongMac,
  uplinkIpConflict,
  uplinkMultiNicReply,
  uplinkQdiscDrop,
  uplinkRemoteIgnoresIcmp,
  uplinkUpstreamDrops,
  vethDeleted,
  vethHostEndDown,
  vethHostMtuSmaller,
  vethNotEnslaved,
  vethNotEnslavedFreshArp,
  vethTcBandwidth,
  vethTcEgressBpfDrop,
  vethTcIngressBpfDrop,
  vethWrongBridge,
  vethXdpDrop,
];
