#!/bin/sh
# A run_program that writes what a display beside the box has to show: the PIN to type on the phone that asks.
# Usage: show-pin.sh EVENT …, by hostp2pd
# The file is replaced at once, so that the program that draws never reads a half of it.
set -eu
file=${HOSTP2PD_DISPLAY_FILE:-/run/hostp2pd-display}

show() {
  umask 077
  printf '%s\n' "$@" >"$file.new"
  mv "$file.new" "$file"
}

is_shown() {
  [ -e "$file" ] && [ "$(cat "$file")" = "$1" ]
}

case ${1-} in
  show_pin)
    # As on a phone: two groups of four figures.
    text=$(printf '%s\n%.4s %s' "$4" "$3" "${3#????}")
    show "$text"
    # A PIN that nobody types expires (max_negotiation_time). Another one may be shown by then.
    (sleep "${HOSTP2PD_DISPLAY_SECS:-120}" && if is_shown "$text"; then show ""; fi) >/dev/null 2>&1 &
    ;;
  # Another phone may wait for its PIN: only the phone that was asked clears the display.
  connect) if [ -e "$file" ] && [ "$(head -n 1 "$file")" = "$3" ]; then show ""; fi ;;
  started | terminated | stop_group) show "" ;;
esac
