#!/bin/bash
# What a person would do by hand, as fast as it goes: a capture at each of the four places of the textbook network, all at
# once; when every one is listening, three pings; then the captures are ended. Runs in the host namespace of the lab.
set -u
DESTINATION=203.0.113.5
pids=() outputs=()

capture() {
  exec {output}< <(exec "$@" 2>&1 >/dev/null)
  pids+=($!) outputs+=("$output")
}

tcpdump=(tcpdump -p -nn -U --immediate-mode -s 256 -w - -i)
filter="icmp and host $DESTINATION"
capture nsenter --net=/run/netns/net1 "${tcpdump[@]}" eth0 "$filter"
for device in veth1_p br0 eth0; do capture "${tcpdump[@]}" "$device" "$filter"; done

for output in "${outputs[@]}"; do
  while read -r -u "$output" line; do [[ $line == *'listening on'* ]] && break; done
done
nsenter --net=/run/netns/net1 ping -c 3 -i 0.02 -W 1 "$DESTINATION" >/dev/null
kill "${pids[@]}"
wait "${pids[@]}" 2>/dev/null
exit 0
