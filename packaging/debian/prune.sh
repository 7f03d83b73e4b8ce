#!/bin/sh
# Removes what is not needed to run. The bundles hold all modules but the native addon. Licences stay, and so does the
# package.json of every module that is not bundled. Usage: prune.sh FOLDER
set -eu
cd "$1"
# The licences are in the copyright file, too. The library is of no use here: npm does not find it.
rm -r dist/types dist/index.js dist/wpa dist/licenses.txt
for module in node_modules/* node_modules/@*; do
  case $module in
  node_modules/unix-dgram | node_modules/bindings | node_modules/file-uri-to-path | node_modules/nan) ;;
  *) rm -rf "$module" ;;
  esac
done
# The addon comes from "prebuilds". Of unix-dgram and the headers of nan, only what identifies them stays.
rm -rf node_modules/unix-dgram/lib node_modules/unix-dgram/build
find node_modules/nan -type f ! -name package.json ! -name LICENSE.md -delete
find node_modules -depth -type d \( -name test -o -name tests -o -name examples -o -name '.?*' \) -exec rm -rf '{}' +
find node_modules -type f ! -name '*.js' ! -name '*.json' ! -name '*.node' \
  ! -iname 'licen[cs]e*' ! -iname 'copying*' ! -iname 'notice*' -delete
find . -depth -type d -empty -delete
