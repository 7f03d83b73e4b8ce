#!/bin/sh
# Shows by an LED what hostp2pd does: dark: no group; lit: the group is up; blinking: a phone can come in, or asks to.
# Usage: hostp2pd-led.sh [FOLDER]; default: /sys/class/leds/hostp2pd
set -eu
led=${1:-/sys/class/leds/hostp2pd}
complaint=''

# The kernel blinks by itself (ledtrig-timer). "none": nothing but this script drives the LED.
light() {
  case $1 in
    blinking) echo timer >"$led/trigger" && echo 200 >"$led/delay_on" && echo 200 >"$led/delay_off" ;;
    lit) echo none >"$led/trigger" && cat "$led/max_brightness" >"$led/brightness" ;;
    dark) echo none >"$led/trigger" && echo 0 >"$led/brightness" ;;
  esac
}

# Fails where hostp2pd does not run, and says so once.
# Names of phones cannot look like these words: a quotation mark in a name has a backslash before it.
look() {
  if ! status=$(hostp2pd status --json 2>&1); then
    light dark
    [ "$status" = "$complaint" ] || echo "$status" >&2
    complaint=$status
    return 1
  fi
  complaint=''
  case $status in
    *'"group": null'*) light dark ;;
    *'"enrolling": []'*'"pairing": null'*) light lit ;;
    *) light blinking ;;
  esac
}

[ -w "$led/trigger" ] || {
  echo "hostp2pd-led: expected an LED that may be written, got $led" >&2
  exit 2
}
trap 'light dark' EXIT
trap 'exit 0' INT TERM
while :; do
  if look; then
    # After each event it asks for the state, so that it does not matter which event that was. The last event before comes again: it
    # may have happened after the first look.
    hostp2pd events -f 1 --json | while read -r _; do look || :; done
    light dark
  fi
  # Each look starts Node.js, which takes a small board a second.
  sleep 10
done
