#!/bin/sh
# npm run demo: installs what is missing, compiles, and shows the main job on the real wpa_supplicant.
set -eu
cd "$(dirname "$0")/.."

if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
  missing=''
  for package in qemu-system-x86 wpasupplicant iw busybox-static cpio kmod iproute2; do
    dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
  done
  if [ -n "$missing" ]; then
    echo "Installing from Debian:$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    # shellcheck disable=SC2086
    apt-get install -y -q --no-install-recommends $missing
  fi
fi
sh test/prepare.sh
exec node test/.build/radio/host/demo.js
