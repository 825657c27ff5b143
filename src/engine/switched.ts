import type { Evidence, KernelDrop } from '../model/evidence.js';
import type { Proof } from '../model/finding.js';
import type { Link } from '../model/path.js';
import type { OvsPort } from '../model/state.js';

const portsIn = ({ before }: Pick<Evidence, 'before'>): readonly OvsPort[] => {
  const read = before['host']?.ovsPorts;
  return read?.ok ? read.value : [];
};

/**
 * The drops without those of the kernel's own copies: of each frame that Open vSwitch in user space reads from a device, the
 * kernel has one too, which is for nobody there, whatever becomes of the frame.
 * @see https://docs.openvswitch.org/en/latest/intro/install/userspace/ ("Firewall Rules")
 */
export const withoutCopies = (
  drops: readonly KernelDrop[],
  before: Pick<Evidence, 'before'>,
): readonly KernelDrop[] => {
  const ports = new Set(portsIn(before).map(({ ifname }) => ifname));
  return drops.filter(({ reason, device }) => reason !== 'OTHERHOST' || device === null || !ports.has(device));
};

/** That Open vSwitch decides on a link, and what shows its flows; nothing for any other link. */
export const switchedProof = (evidence: Evidence, link: Link | null): readonly Proof[] => {
  const [entry, exit] = [link?.from, link?.to].map((id) => {
    const ifname = evidence.path.hops.find((hop) => hop.id === id)?.ifname;
    return portsIn(evidence).find((port) => port.ifname === ifname);
  });
  return entry && exit && entry.bridge === exit.bridge
    ? [
        {
          kind: 'inferred',
          text: `between ${entry.ifname} and ${exit.ifname} Open vSwitch decides by its flows, which are not read here`,
          command: ['ovs-ofctl', 'dump-flows', entry.bridge],
        },
      ]
    : [];
};
