#!/bin/sh
# npm run demo: installs what is missing, compiles, and shows the main job on the real wpa_supplicant.
set -eu
cd "$(dirname "$0")/.."
sh test/install-debian.sh
sh test/prepare.sh
exec node test/.build/radio/host/demo.js
