# Sends one TCP segment with SYN and ACK that answers nothing: syn-ack.pl SOURCE PORT DESTINATION PORT. IPv4 alone.
use strict;
use warnings;
use Socket;

my ($source, $from, $destination, $to) = @ARGV;
my ($own, $far) = map { inet_aton($_) } $source, $destination;
my $segment = sub { pack('nnNNCCnnn', $from, $to, 1, 1, 5 << 4, 0x12, 1024, $_[0], 0) };
my $sum = unpack('%32n*', $own . $far . pack('nn', 6, 20) . $segment->(0));
$sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
my $header = pack('CCnnnCCna4a4', 0x45, 0, 40, 0, 0, 64, 6, 0, $own, $far);
# With IPPROTO_RAW the kernel fills in the checksum of the header.
socket(my $socket, AF_INET, SOCK_RAW, 255) or die "no socket: $!";
send($socket, $header . $segment->(~$sum & 0xffff), 0, pack_sockaddr_in(0, $far)) or die "not sent: $!";
