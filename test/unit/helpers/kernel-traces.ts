import type { Path } from '../../../src/model/path.js';
import type { ProbeOutcome, ProbeResult } from '../../../src/model/probe.js';
import type { Witnessed } from '../../../src/witness/kernel-drops.js';
import { TraceStream } from '../../../src/witness/trace-stream.js';
import { hop, TEXTBOOK_LINKS } from '../../helpers/path-parts.js';

/** The uplink leads to a namespace whose device has the name of the container's. */
export const PATH: Path = {
  hops: [
    hop('h0', 'socket', 'target', null),
    hop('h1', 'container', 'target', 'eth0'),
    hop('h2', 'veth-host', 'host', 'veth1_p'),
    hop('h3', 'bridge', 'host', 'br0'),
    hop('h4', 'uplink', 'host', 'up0'),
    hop('h5', 'outside', 'host', null),
  ],
  links: TEXTBOOK_LINKS,
  routers: [],
  notes: [],
};

/** Times of the recordings are microseconds after second 3000 of the trace clock, at which the run begins. */
export const STARTED_NS = 1_700_000_000_000_000_000n;
export const CLOCK_TO_EPOCH_NS = STARTED_NS - 3_000_000_000_000n;

export const witnessed = (trace: string): Witnessed => {
  const stream = new TraceStream();
  stream.push(new TextEncoder().encode(trace));
  return { events: stream.events, lost: stream.lost, clockToEpochNs: CLOCK_TO_EPOCH_NS };
};

export const probeOf = (protocol: 'icmp' | 'tcp', ...outcomes: ProbeOutcome[]): ProbeResult => ({
  command: [],
  protocol,
  token: null,
  sent: outcomes.length,
  answered: outcomes.filter((outcome) => outcome === 'answered').length,
  answers: outcomes.map((outcome, index) => ({ probe: index + 1, outcome, rttMs: null, text: null, from: null })),
  localError: null,
  failure: null,
  output: '',
});

/** Recorded on Linux 6.18. */
export const FORWARDING_OFF = `
            ping-23619   [000] b....  3021.908991: net_dev_queue: dev=eth0 skbaddr=ffff8881045c9e00 len=1057
            ping-23619   [000] bN...  3021.909018: net_dev_xmit: dev=eth0 skbaddr=ffff8881045c9e00 len=1057 rc=0
            ping-23619   [000] .Ns1.  3021.909022: netif_receive_skb: dev=veth1_p skbaddr=ffff8881045c9e00 len=1043
            ping-23619   [000] .Ns1.  3021.909031: netif_receive_skb: dev=br0 skbaddr=ffff8881045c9e00 len=1043
            ping-23619   [000] .Ns1.  3021.909039: kfree_skb: skbaddr=ffff8881045c9e00 rx_sk=0000000000000000 protocol=2048 location=ip_error+0x94/0x210 reason: IP_INADDRERRORS
`;
export const CONTAINER_INPUT = `
            ping-23752   [001] b....  3024.584312: net_dev_queue: dev=eth0 skbaddr=ffff88811b576e00 len=1057
            ping-23752   [001] b....  3024.584335: net_dev_xmit: dev=eth0 skbaddr=ffff88811b576e00 len=1057 rc=0
            ping-23752   [001] ..s1.  3024.584338: netif_receive_skb: dev=veth1_p skbaddr=ffff88811b576e00 len=1043
            ping-23752   [001] ..s1.  3024.584347: netif_receive_skb: dev=br0 skbaddr=ffff88811b576e00 len=1043
            ping-23752   [001] b.s1.  3024.584361: net_dev_queue: dev=up0 skbaddr=ffff88811b576e00 len=1057
            ping-23752   [001] b.s1.  3024.584362: net_dev_xmit: dev=up0 skbaddr=ffff88811b576e00 len=1057 rc=0
            ping-23752   [001] ..s1.  3024.584363: netif_receive_skb: dev=eth0 skbaddr=ffff88811b576e00 len=1043
            ping-23752   [001] b.s2.  3024.584374: net_dev_queue: dev=eth0 skbaddr=ffff88811b576200 len=1057
            ping-23752   [001] b.s2.  3024.584375: net_dev_xmit: dev=eth0 skbaddr=ffff88811b576200 len=1057 rc=0
            ping-23752   [001] ..s1.  3024.584377: netif_receive_skb: dev=up0 skbaddr=ffff88811b576200 len=1043
            ping-23752   [001] b.s1.  3024.584379: net_dev_queue: dev=br0 skbaddr=ffff88811b576200 len=1057
            ping-23752   [001] b.s1.  3024.584382: net_dev_queue: dev=veth1_p skbaddr=ffff88811b576200 len=1057
            ping-23752   [001] b.s1.  3024.584383: net_dev_xmit: dev=veth1_p skbaddr=ffff88811b576200 len=1057 rc=0
            ping-23752   [001] b.s1.  3024.584383: net_dev_xmit: dev=br0 skbaddr=ffff88811b576200 len=1057 rc=0
            ping-23752   [001] ..s1.  3024.584384: netif_receive_skb: dev=eth0 skbaddr=ffff88811b576200 len=1043
            ping-23752   [001] ..s1.  3024.584388: kfree_skb: skbaddr=ffff88811b576200 rx_sk=0000000000000000 protocol=2048 location=nft_do_chain+0x3e8/0x610 reason: NETFILTER_DROP
`;
export const OUTSIDE = `
            ping-23810   [000] b....  3025.810167: net_dev_queue: dev=eth0 skbaddr=ffff8881045c9200 len=1057
            ping-23810   [000] b....  3025.810193: net_dev_xmit: dev=eth0 skbaddr=ffff8881045c9200 len=1057 rc=0
            ping-23810   [000] ..s1.  3025.810197: netif_receive_skb: dev=veth1_p skbaddr=ffff8881045c9200 len=1043
            ping-23810   [000] ..s1.  3025.810206: netif_receive_skb: dev=br0 skbaddr=ffff8881045c9200 len=1043
            ping-23810   [000] b.s1.  3025.810220: net_dev_queue: dev=up0 skbaddr=ffff8881045c9200 len=1057
            ping-23810   [000] b.s1.  3025.810222: net_dev_xmit: dev=up0 skbaddr=ffff8881045c9200 len=1057 rc=0
            ping-23810   [000] ..s1.  3025.810223: netif_receive_skb: dev=eth0 skbaddr=ffff8881045c9200 len=1043
            ping-23810   [000] ..s1.  3025.810229: kfree_skb: skbaddr=ffff8881045c9200 rx_sk=0000000000000000 protocol=2048 location=nft_do_chain+0x3e8/0x610 reason: NETFILTER_DROP
`;
/** A filter at the egress of the container's port; the bridge tells that it sent the reply on when it is gone. */
export const PORT_EGRESS = `
            ping-23810   [001] b....  3026.179711: net_dev_queue: dev=eth0 skbaddr=ffff888105db6800 len=641
            ping-23810   [001] b....  3026.179750: net_dev_xmit: dev=eth0 skbaddr=ffff888105db6800 len=641 rc=0
            ping-23810   [001] ..s1.  3026.179754: netif_receive_skb: dev=veth1_p skbaddr=ffff888105db6800 len=627
            ping-23810   [001] ..s1.  3026.179773: netif_receive_skb: dev=br0 skbaddr=ffff888105db6800 len=627
            ping-23810   [001] b.s1.  3026.179792: net_dev_queue: dev=up0 skbaddr=ffff888105db6800 len=641
            ping-23810   [001] b.s1.  3026.179795: net_dev_xmit: dev=up0 skbaddr=ffff888105db6800 len=641 rc=0
            ping-23810   [001] ..s1.  3026.179796: netif_receive_skb: dev=out0 skbaddr=ffff888105db6800 len=627
            ping-23810   [001] b.s2.  3026.179807: net_dev_queue: dev=out0 skbaddr=ffff888105db6500 len=641
            ping-23810   [001] b.s2.  3026.179809: net_dev_xmit: dev=out0 skbaddr=ffff888105db6500 len=641 rc=0
            ping-23810   [001] ..s1.  3026.179810: netif_receive_skb: dev=up0 skbaddr=ffff888105db6500 len=627
            ping-23810   [001] b.s1.  3026.179814: net_dev_queue: dev=br0 skbaddr=ffff888105db6500 len=641
            ping-23810   [001] b.s1.  3026.179820: kfree_skb: skbaddr=ffff888105db6500 rx_sk=0000000000000000 protocol=2048 location=__dev_queue_xmit+0x318/0xf30 reason: TC_EGRESS
            ping-23810   [001] b.s1.  3026.179821: net_dev_xmit: dev=br0 skbaddr=ffff888105db6500 len=641 rc=0
`;
