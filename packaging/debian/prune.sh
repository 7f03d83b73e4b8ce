#!/bin/sh
# Removes files that are not needed to run: types, sources, tests, texts. Licences stay, and so does the package.json of
# every module, so that everything in the bill of materials is installed. Usage: prune.sh FOLDER
set -eu
cd "$1"
find dist -type f ! -name '*.js' -delete
# Most of moment is other builds of the same code, and languages that are not used.
rm -rf node_modules/moment/dist node_modules/moment/min node_modules/moment/src node_modules/moment/locale
# The headers of nan are compiled into the addon; only the result of unix-dgram's build is needed.
mv node_modules/unix-dgram/build/Release/unix_dgram.node node_modules/unix-dgram/
rm -rf node_modules/unix-dgram/build
mkdir -p node_modules/unix-dgram/build/Release
mv node_modules/unix-dgram/unix_dgram.node node_modules/unix-dgram/build/Release/
find node_modules/nan -type f ! -name package.json ! -name LICENSE.md -delete
# Commands that modules install.
rm -rf node_modules/js-yaml/bin
find node_modules -depth -type d \( -name test -o -name tests -o -name examples -o -name '.?*' \) -exec rm -rf '{}' +
find node_modules -type f ! -name '*.js' ! -name '*.cjs' ! -name '*.mjs' ! -name '*.json' ! -name '*.node' \
  ! -iname 'licen[cs]e*' ! -iname 'copying*' ! -iname 'notice*' -delete
# Builds for browsers, and files for the tools of a module's author.
find node_modules -type f \( -name '*.min.js' -o -name '*.min.mjs' -o -name '.*' -o -name bower.json -o -name 'tsconfig*.json' \) -delete
find . -depth -type d -empty -delete
