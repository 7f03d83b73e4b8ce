#!/bin/sh
# Shows by an LED what hostp2pd does: dark: no group; lit: the group is up; blinking: a phone can come in, or asks to.
# Usage: hostp2pd-led.sh [FOLDER]; default: /sys/class/leds/hostp2pd
# Ends when hostp2pd ends: hostp2pd-led.service starts it again.
set -eu
led=${1:-/sys/class/leds/hostp2pd}
[ -w "$led/trigger" ] || {
  echo "hostp2pd-led: expected an LED that may be written, got $led" >&2
  exit 2
}

# The kernel blinks by itself (ledtrig-timer); "default-on" and "none" are triggers as well.
light() {
  echo "$1" >"$led/trigger"
  [ "$1" != timer ] || { echo 200 >"$led/delay_on" && echo 200 >"$led/delay_off"; }
}

# Names of phones cannot look like these words: a quotation mark in a name has a backslash before it.
look() {
  if ! status=$(hostp2pd status --json); then
    light none
    return
  fi
  case $status in
    *'"group": null'*) light none ;;
    *'"enrolling": []'*'"pairing": null'*) light default-on ;;
    *) light timer ;;
  esac
}

trap 'light none' EXIT
trap 'exit 0' INT TERM
look
# After each event it asks for the state, so that it does not matter which event that was.
hostp2pd events -f --json | while read -r _; do look; done
exit 1
