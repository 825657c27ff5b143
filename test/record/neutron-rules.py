"""Has OpenStack Neutron's own code write rules: `ports` those of two ports with security groups (iptables_hybrid driver,
ipset), `router` those of the l3 agent for a router with an external gateway and a floating IP, in namespace qrouter-RID.

Run as root in a network namespace that may be thrown away, with Debian's python3-neutron.
"""
import sys
from types import SimpleNamespace

sys.argv[0] = {'ports': 'neutron-openvswitch-agent', 'router': 'neutron-l3-agent'}[sys.argv[1]]

from neutron_lib import constants
from oslo_config import cfg

from neutron import privileged
from neutron.conf.agent import common as agent
from neutron.conf.agent import securitygroups_rpc
from neutron.privileged.agent.linux import utils as privileged_utils  # registers what runs as root

for name in ('default', 'namespace_cmd', 'conntrack_cmd', 'link_cmd', 'dhcp_release_cmd'):
    context = getattr(privileged, name, None)
    if context is not None:
        context.set_client_mode(False)
agent.register_root_helper(cfg.CONF)
if sys.argv[1] == 'router':
    from neutron.agent import l3_agent

    l3_agent.register_opts(cfg.CONF)
cfg.CONF(['--config-file', '/dev/null'])
cfg.CONF.set_override('lock_path', '/tmp/locks', group='oslo_concurrency')

WEB, DATABASE = '5f4e7b3c-0000-4000-8000-000000000001', '5f4e7b3c-0000-4000-8000-000000000002'


def port(number, group, **more):
    device = f'{number}a1b2c3d-0000-4000-8000-00000000000{number}'
    address = f'10.0.0.{number}'
    return {
        'id': device,
        'device': device,
        'mac_address': f'fa:16:3e:00:00:0{number}',
        'admin_state_up': True,
        'network_id': 'c0ffee00-0000-4000-8000-000000000000',
        'fixed_ips': [address],
        'allowed_address_pairs': [],
        'security_groups': [group],
        'security_group_source_groups': [WEB],
        'security_group_rules': [],
        'port_security_enabled': True,
        'device_owner': 'compute:nova',
        **more,
    }


def write_ports():
    securitygroups_rpc.register_securitygroups_opts(cfg.CONF)
    from neutron.agent.linux import iptables_firewall

    anything = [{'direction': 'egress', 'ethertype': 'IPv4', 'security_group_id': group} for group in (WEB, DATABASE)]
    firewall = iptables_firewall.OVSHybridIptablesFirewallDriver()
    firewall.update_security_group_rules(WEB, [
        anything[0],
        {'direction': 'ingress', 'ethertype': 'IPv4', 'protocol': 'tcp', 'port_range_min': 80, 'port_range_max': 80},
        {'direction': 'ingress', 'ethertype': 'IPv4', 'protocol': 'tcp', 'port_range_min': 8000, 'port_range_max': 8010,
         'source_ip_prefix': '203.0.113.0/24'},
        {'direction': 'ingress', 'ethertype': 'IPv4', 'protocol': 'icmp', 'port_range_min': 8},
    ])
    firewall.update_security_group_rules(DATABASE, [
        anything[1],
        {'direction': 'ingress', 'ethertype': 'IPv4', 'protocol': 'tcp', 'port_range_min': 5432, 'port_range_max': 5432,
         'remote_group_id': WEB, 'security_group_id': DATABASE},
    ])
    firewall.update_security_group_members(WEB, {'IPv4': [('10.0.0.5', 'fa:16:3e:00:00:05')], 'IPv6': []})
    firewall.prepare_port_filter(port(5, WEB, allowed_address_pairs=[
        {'ip_address': '10.0.0.100', 'mac_address': 'fa:16:3e:00:00:05'}]))
    firewall.prepare_port_filter(port(6, DATABASE))
    firewall.prepare_port_filter(port(7, DATABASE, port_security_enabled=False))


def write_router():
    from neutron.agent.l3 import legacy_router
    from neutron.agent.linux import interface
    from neutron.agent.metadata import driver as metadata

    subnet = {'cidr': '10.0.0.0/24', 'gateway_ip': '10.0.0.1', 'ipv6_ra_mode': None, 'subnetpool_id': None}
    rid = 'f00dcafe-0000-4000-8000-000000000000'
    inner = {'id': '1a2b3c4d-0000-4000-8000-000000000001', 'mac_address': 'fa:16:3e:00:01:01', 'mtu': 1450,
             'network_id': 'c0ffee00-0000-4000-8000-000000000000', 'address_scopes': {'4': None, '6': None},
             'fixed_ips': [{'ip_address': '10.0.0.1', 'prefixlen': 24, 'subnet_id': 's1'}], 'subnets': [subnet]}
    outer = {**inner, 'id': '9f8e7d6c-0000-4000-8000-000000000002', 'mac_address': 'fa:16:3e:00:01:02',
             'network_id': 'deadbeef-0000-4000-8000-000000000000',
             'fixed_ips': [{'ip_address': '198.51.100.10', 'prefixlen': 24, 'subnet_id': 's2'}]}
    router = legacy_router.LegacyRouter(
        SimpleNamespace(context=None), rid,
        {'id': rid, 'gw_port': outer, 'enable_snat': True, constants.INTERFACE_KEY: [inner],
         constants.FLOATINGIP_KEY: [{'id': 'f1', 'floating_ip_address': '198.51.100.21', 'fixed_ip_address': '10.0.0.5',
                                     'fixed_ip_address_scope': None}] if 'floating' in sys.argv else []},
        cfg.CONF, SimpleNamespace(DEV_NAME_LEN=interface.LinuxInterfaceDriver.DEV_NAME_LEN), use_ipv6=False)
    tables = router.iptables_manager
    for chain, rule in metadata.MetadataDriver.metadata_filter_rules(9697, cfg.CONF.metadata_access_mark):
        tables.ipv4['filter'].add_rule(chain, rule)
    for chain, rule in metadata.MetadataDriver.metadata_nat_rules(9697):
        tables.ipv4['nat'].add_rule(chain, rule)
    with tables.defer_apply():
        router._handle_router_snat_rules(outer, router.get_external_device_name(outer['id']))
        router.process_snat_dnat_for_fip()
        router.process_ports_address_scope_iptables()
        router.process_floating_ip_address_scope_rules()


{'ports': write_ports, 'router': write_router}[sys.argv[1]]()
