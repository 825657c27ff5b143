# Sends one frame of the local experimental EtherType by each device named, for every line of standard input.
use strict;
use warnings;
use constant { AF_PACKET => 17, SOCK_RAW => 3, ETH_P => 0x88b5, SIOCGIFINDEX => 0x8933 };

socket(my $socket, AF_PACKET, SOCK_RAW, 0) or die "no socket: $!";
my @places = map {
  my $request = pack('a16x24', $_);
  ioctl($socket, SIOCGIFINDEX, $request) or die "$_: $!";
  my $index = unpack('x16l', $request);
  pack('SnlSCCa8', AF_PACKET, ETH_P, $index, 0, 0, 6, "\xff" x 6);
} @ARGV;
my $frame = "\xff" x 6 . "\x02\x00\x00\x00\x01\x0f" . pack('n', ETH_P) . "\0" x 46;
while (<STDIN>) {
  send($socket, $frame, 0, $_) for @places;
}
