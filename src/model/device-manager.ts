/** A program that looks after a device of the host: its addresses, its routes, whether it is up. */
export interface DeviceManager {
  readonly device: string;
  readonly manager: 'systemd-networkd' | 'NetworkManager';
}
