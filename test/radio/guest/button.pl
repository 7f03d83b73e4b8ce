#!/usr/bin/perl
# Plays the hardware of a push button and an LED by /dev/uinput (linux/uinput.h on 64-bit machines): Node.js has no ioctl.
# Prints the name of the input device, such as "input7", then "led 1" or "led 0" whenever the kernel switches the LED.
# Reads "1" (pressed) or "0" (released) from each line of its input, and unplugs the device at its end.
use strict;
use warnings;
use IO::Select;

use constant { EV_SYN => 0, EV_KEY => 1, EV_LED => 0x11, EV_REP => 0x14, KEY_WPS_BUTTON => 529, LED_MISC => 8 };
use constant {
    UI_DEV_CREATE  => 0x5501,
    UI_DEV_SETUP   => 0x405c5503,
    UI_SET_EVBIT   => 0x40045564,
    UI_SET_KEYBIT  => 0x40045565,
    UI_SET_LEDBIT  => 0x40045569,
    UI_GET_SYSNAME => 0x8040552c,
};
# struct input_event: the time (two longs), type, code, value.
use constant { EVENT => 'l! l! S S l', EVENT_BYTES => 24 };

open my $device, '+<:raw', '/dev/uinput' or die "/dev/uinput: $!\n";

sub control {
    my ($request, $number) = @_;
    defined ioctl $device, $request, $number or die sprintf "ioctl %x: %s\n", $request, $!;
}

# EV_REP: the kernel repeats a key that is held, as on a keyboard. gpio-keys does that only with "autorepeat".
control(UI_SET_EVBIT, $_) for EV_KEY, EV_LED, EV_REP;
control(UI_SET_KEYBIT, KEY_WPS_BUTTON);
control(UI_SET_LEDBIT, LED_MISC);
# struct uinput_setup: the bus and three ids, the name, the number of effects.
my $setup = pack 'S S S S a80 L', 0x19, 1, 1, 1, 'gpio-keys of the lab', 0;
defined ioctl $device, UI_DEV_SETUP, $setup or die "UI_DEV_SETUP: $!\n";
control(UI_DEV_CREATE, 0);
my $name = "\0" x 64;
defined ioctl $device, UI_GET_SYSNAME, $name or die "UI_GET_SYSNAME: $!\n";
$| = 1;
print unpack('Z*', $name), "\n";

my $input = IO::Select->new(\*STDIN, $device);
while (1) {
    for my $ready ($input->can_read) {
        if ($ready == $device) {
            sysread $device, my $event, EVENT_BYTES or die "/dev/uinput: $!\n";
            my (undef, undef, $type, $code, $value) = unpack EVENT, $event;
            print "led $value\n" if $type == EV_LED;
        }
        else {
            sysread STDIN, my $lines, 4096 or exit 0;
            for my $value ($lines =~ /\d/g) {
                syswrite $device, pack EVENT, 0, 0, @$_ for [EV_KEY, KEY_WPS_BUTTON, $value], [EV_SYN, 0, 0];
            }
        }
    }
}
