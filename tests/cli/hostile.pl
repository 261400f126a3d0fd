#!/usr/bin/env perl
# SPDX-License-Identifier: GPL-3.0-or-later
# hostile.pl LISTEN CONNECT ATTACK TYPE [NUMBER]: a hostile agent: relays to the real agent at CONNECT, with an attack on the
# way. TYPE is the number (proto/frame.h) of the frame to attack: the controller's for swallow and close, else the agent's.
#   swallow   the agent never sees the frame        close    the connection ends instead of the frame
#   late      the frame comes NUMBER seconds late   trickle  it comes byte by byte, one every NUMBER seconds
#   double    it comes twice                        half     its first half comes, then nothing more
#   garbage   random bytes come instead             before   a frame of type NUMBER with its job id and body comes before it
#   renumber  it comes with the job id 4711         silent   nothing comes, from this frame on
#   cut       its first half comes, and the connection ends
#   retract   the first RESULT says status 1, later ones are passed on
use strict;
use warnings;
use IO::Select;
use IO::Socket::UNIX;
use Time::HiRes qw(time);

my ($listen, $connect, $attack, $type, $number) = @ARGV;
my $on_controller = $attack =~ /^(swallow|close)$/;
my $server = IO::Socket::UNIX->new(Local => $listen, Listen => 4) or die "$listen: $!";
my @queue;    # [time, bytes], towards the controller, in order
my ($quiet, $ends);

# The bytes to pass on instead of a frame; undef: end the connection.
sub attacked {
    my ($frame) = @_;
    return '' if $attack eq 'swallow';
    return undef if $attack eq 'close';
    my ($head, $job, $body) = (substr($frame, 0, 8), substr($frame, 8, 4), substr($frame, 12));
    return $frame . $frame if $attack eq 'double';
    return $head . pack('V', 4711) . $body if $attack eq 'renumber';
    return pack('VvvV', length($body), $number, 0, unpack('V', $job)) . $body . $frame if $attack eq 'before';
    if ($attack eq 'retract') {
        $attack = 'none';
        $body .= "\x10\x01";    # the last value of field 2 counts
        return pack('V', length $body) . substr($head, 4) . $job . $body;
    }
    return join('', map { chr(int(rand(256))) } 1 .. 4096) if $attack eq 'garbage';
    $quiet = 1 if $attack =~ /^(half|silent|cut)$/;
    $ends = 1 if $attack eq 'cut';
    return substr($frame, 0, length($frame) / 2) if $attack =~ /^(half|cut)$/;
    return '' if $attack eq 'silent';
    return $frame;
}

# The bytes to pass on of those that have come, frame by frame; undef: end the connection.
sub passed {
    my ($pending, $is_controller) = @_;
    my $out = '';
    while (length($$pending) >= 12) {
        my ($body, $frame_type) = unpack('Vv', $$pending);
        last if length($$pending) < 12 + $body;
        my $frame = substr($$pending, 0, 12 + $body, '');
        my $hit = $frame_type == $type && $on_controller == $is_controller;
        $frame = attacked($frame) if $hit;
        return undef unless defined $frame;
        if ($is_controller) {
            $out .= $frame;
        } elsif ($hit && $attack eq 'trickle') {
            # What is queued already may be due at once (0).
            push @queue, [(@queue && $queue[-1][0] > time ? $queue[-1][0] : time) + $number, $_] for split //, $frame;
        } elsif (!$quiet || $attack =~ /^(half|cut)$/) {
            push @queue, [$hit && $attack eq 'late' ? time + $number : 0, $frame];
            $attack = 'none' if $quiet;
        }
    }
    return $out;
}

sub flush_to {
    my ($controller) = @_;
    while (@queue && $queue[0][0] <= time) {
        syswrite($controller, (shift @queue)->[1]) or return;
    }
    return !$ends || @queue;
}

sub carry {
    my ($controller, $agent) = @_;
    my $both = IO::Select->new($controller, $agent);
    my %pending = ($controller => '', $agent => '');
    while (1) {
        for my $from ($both->can_read(@queue ? 0.02 : undef)) {
            sysread($from, my $bytes, 65536) or return;
            $pending{$from} .= $bytes;
            my $out = passed(\$pending{$from}, $from == $controller || 0);
            return unless defined $out;
            syswrite($agent, $out) if length $out;
        }
        flush_to($controller) or return;
    }
}

$SIG{PIPE} = 'IGNORE';
$SIG{CHLD} = 'IGNORE';
while (my $controller = $server->accept) {
    print STDERR "connected\n";
    next if fork;
    my $agent = IO::Socket::UNIX->new(Peer => $connect) or exit;
    carry($controller, $agent);
    exit;
}
