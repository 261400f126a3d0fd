#!/usr/bin/env perl
# SPDX-License-Identifier: GPL-3.0-or-later
# cut_at.pl LISTEN CONNECT TYPE N [hold]: relays between controller and agent, and cuts the
# connection instead of passing on the controller's Nth frame of TYPE (a number, proto/frame.h).
# Later connections are not cut. With hold, the connection to the agent stays open.
use strict;
use warnings;
use IO::Select;
use IO::Socket::UNIX;

my ($listen, $connect, $type, $left, $hold) = @ARGV;
my @held;
my $server = IO::Socket::UNIX->new(Local => $listen, Listen => 1) or die "$listen: $!";

# Take the complete frames at the start of $$bytes, up to the one at which to cut.
sub whole_frames {
    my ($bytes) = @_;
    my $out = '';
    while (length($$bytes) >= 12) {
        my ($body, $frame_type) = unpack('Vv', $$bytes);
        last if length($$bytes) < 12 + $body;
        return ($out, 1) if $frame_type == $type && --$left == 0;
        $out .= substr($$bytes, 0, 12 + $body, '');
    }
    return ($out, 0);
}

sub carry {
    my ($controller, $agent) = @_;
    my ($both, $pending) = (IO::Select->new($controller, $agent), '');
    while (1) {
        for my $from ($both->can_read) {
            sysread($from, my $bytes, 65536) or return;
            if ($from == $controller) {
                $pending .= $bytes;
                ($bytes, my $cut) = whole_frames(\$pending);
                return if $cut;
            }
            syswrite($from == $controller ? $agent : $controller, $bytes);
        }
    }
}

$SIG{PIPE} = 'IGNORE';
while (my $controller = $server->accept) {
    my $agent = IO::Socket::UNIX->new(Peer => $connect) or die "$connect: $!";
    carry($controller, $agent);
    push @held, $agent if $hold;
    $_->close for $controller, $hold ? () : $agent;
    warn "cut\n" if $left == 0;
}
