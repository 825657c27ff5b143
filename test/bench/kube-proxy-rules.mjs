/** Rules as kube-proxy writes them, in the form of iptables-save: seven for each service. */
export const kubeProxySave = (services) => {
  const chains = [];
  const rules = [];
  for (let service = 0; service < services; service += 1) {
    const name = `KUBE-SVC-${service.toString(36).toUpperCase().padStart(16, '0')}`;
    const address = `10.${96 + (service >> 16)}.${(service >> 8) & 255}.${service & 255}`;
    chains.push(`:${name} - [0:0]`);
    rules.push(
      `-A KUBE-SERVICES -d ${address}/32 -p tcp -m comment --comment "ns/svc-${service}:http cluster IP" -m tcp --dport 80 -j ${name}`,
    );
    rules.push(`-A ${name} ! -s 10.244.0.0/16 -d ${address}/32 -p tcp -m tcp --dport 80 -j KUBE-MARK-MASQ`);
    for (let pod = 0; pod < 2; pod += 1) {
      const end = `KUBE-SEP-${(service * 2 + pod).toString(36).toUpperCase().padStart(16, '0')}`;
      const to = `10.244.${(service >> 7) & 255}.${((service * 2 + pod) % 254) + 1}`;
      chains.push(`:${end} - [0:0]`);
      rules.push(`-A ${name}${pod === 0 ? ' -m statistic --mode random --probability 0.50000000000' : ''} -j ${end}`);
      rules.push(`-A ${end} -p tcp -m tcp -j DNAT --to-destination ${to}:8080`);
    }
    rules.push(`-A ${name} -s 10.250.0.${service % 250}/32 -j RETURN`);
  }
  return [
    '*nat',
    ':PREROUTING ACCEPT [0:0]',
    ':INPUT ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':POSTROUTING ACCEPT [0:0]',
    ':KUBE-SERVICES - [0:0]',
    ':KUBE-MARK-MASQ - [0:0]',
    ...chains,
    '-A PREROUTING -j KUBE-SERVICES',
    '-A OUTPUT -j KUBE-SERVICES',
    '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    '-A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE',
    ...rules,
    'COMMIT',
    '',
  ].join('\n');
};
