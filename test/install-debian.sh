#!/bin/sh
# Installs the Debian packages that the tests need, if this user may; otherwise the tests say what is missing.
# usage: install-debian.sh [further packages]
set -eu
packages='qemu-system-x86 wpasupplicant iw busybox-static cpio kmod iproute2 dbus libglib2.0-bin tmux debhelper mmdebstrap apt-utils gnupg dnsmasq-base nftables'
packages="$packages $*"

[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || exit 0
missing=''
for package in $packages; do
  dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "Installing from Debian:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086
apt-get install -y -q --no-install-recommends $missing
