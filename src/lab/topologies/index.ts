import type { Topology } from '../topology.js';
import { answersBySecondUplink } from './answers-by-second-uplink.js';
import { application } from './application.js';
import { bridgedUplink } from './bridged-uplink.js';
import { containerDns } from './container-dns.js';
import { crowd } from './crowd.js';
import { docker } from './docker.js';
import { dockerTwoBridges } from './docker-two-bridges.js';
import { flannelHostGw } from './flannel-host-gw.js';
import { flannelVxlan } from './flannel-vxlan.js';
import { iptablesLegacy } from './iptables-legacy.js';
import { ipv6 } from './ipv6.js';
import { kubeService } from './kube-service.js';
import { macvlan } from './macvlan.js';
import { nested } from './nested.js';
import { nftablesNat } from './nftables-nat.js';
import { openstack } from './openstack.js';
import { published } from './published.js';
import { publishedNoProxy } from './published-no-proxy.js';
import { routedVeth } from './routed-veth.js';
import { routedVeths } from './routed-veths.js';
import { idleSecondUplink } from './second-uplink.js';
import { smallLinkBeyond } from './small-link-beyond.js';
import { textbook } from './textbook.js';
import { tftp } from './tftp.js';
import { twoContainers } from './two-containers.js';
import { twoContainersIpv6 } from './two-containers-ipv6.js';
import { twoUplinks } from './two-uplinks.js';
import { underWay } from './under-way.js';

/** Every practice network, sorted by id. */
export const topologies: readonly Topology[] = [
  answersBySecondUplink,
  application,
  bridgedUplink,
  containerDns,
  crowd,
  docker,
  dockerTwoBridges,
  flannelHostGw,
  flannelVxlan,
  iptablesLegacy,
  ipv6,
  kubeService,
  macvlan,
  nested,
  nftablesNat,
  openstack,
  published,
  publishedNoProxy,
  routedVeth,
  routedVeths,
  idleSecondUplink,
  smallLinkBeyond,
  textbook,
  tftp,
  twoContainers,
  twoContainersIpv6,
  twoUplinks,
  underWay,
];
