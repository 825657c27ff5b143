# Sends frames: each line of standard input is a device and a frame in hexadecimal digits; answers `ok`.
use strict;
use warnings;
use constant { AF_PACKET => 17, SOCK_RAW => 3, SIOCGIFINDEX => 0x8933 };

$| = 1;
socket(my $socket, AF_PACKET, SOCK_RAW, 0) or die "no socket: $!";
while (<STDIN>) {
  my ($device, $hex) = split;
  my $request = pack('a16x24', $device);
  ioctl($socket, SIOCGIFINDEX, $request) or die "$device: $!";
  my $place = pack('SnlSCCa8', AF_PACKET, 0, unpack('x16l', $request), 0, 0, 6, "\xff" x 6);
  send($socket, pack('H*', $hex), 0, $place) or die "$device: $!";
  print "ok\n";
}
