#!/bin/sh
# Removes from the installed tree what does not run: types, sources, tests, texts. Licences stay, and the package.json
# of every module: what stands in the bill of materials is there. Usage: prune.sh FOLDER
set -eu
cd "$1"
find dist -type f ! -name '*.js' -delete
# Most of moment is other forms of the same program, and languages that nothing here sets.
rm -rf node_modules/moment/dist node_modules/moment/min node_modules/moment/src node_modules/moment/locale
# The headers of nan are compiled into the addon; of unix-dgram's build only the result is of use.
mv node_modules/unix-dgram/build/Release/unix_dgram.node node_modules/unix-dgram/
rm -rf node_modules/unix-dgram/build
mkdir -p node_modules/unix-dgram/build/Release
mv node_modules/unix-dgram/unix_dgram.node node_modules/unix-dgram/build/Release/
find node_modules/nan -type f ! -name package.json ! -name LICENSE.md -delete
# Commands of modules.
rm -rf node_modules/js-yaml/bin
find node_modules -depth -type d \( -name test -o -name tests -o -name examples -o -name '.?*' \) -exec rm -rf '{}' +
find node_modules -type f ! -name '*.js' ! -name '*.cjs' ! -name '*.mjs' ! -name '*.json' ! -name '*.node' \
  ! -iname 'licen[cs]e*' ! -iname 'copying*' ! -iname 'notice*' -delete
# The same once more for browsers; what tools of a module's author read.
find node_modules -type f \( -name '*.min.js' -o -name '*.min.mjs' -o -name '.*' -o -name bower.json -o -name 'tsconfig*.json' \) -delete
find . -depth -type d -empty -delete
