#!/bin/sh
# Runs a command in a network of its own: interfaces and abstract sockets with fixed names, and what systemd-networkd keeps about them,
# are not those of this machine. Where that is not permitted, the command shares the network. Usage: apart.sh COMMAND [ARGUMENT ...]
set -eu
if [ "$1" = --inside ]; then
  shift
  mount -t sysfs none /sys
  ip link set lo up
  # A machine has an address; this one is for documentation.
  ip link add lan0 type bridge
  ip address add 192.0.2.1/24 dev lan0
  ip link set lan0 up
  for folder in /run/systemd/netif /run/systemd/network; do
    mkdir -p "$folder"
    mount -t tmpfs none "$folder"
  done
elif unshare --mount --net sh "$0" --inside true 2> /dev/null; then
  exec unshare --mount --net sh "$0" --inside "$@"
fi
exec "$@"
