#!/bin/sh
# Builds Debian packages and writes them and their bills of materials to a folder.
# Usage: build.sh [OUTPUT_FOLDER [ARCHITECTURE ...]]; default: the architecture of this machine
# It builds a copy of the checkout, with changes that are not committed; the checkout itself is only read. npm needs the
# network, for the modules and for the headers of Node.js. Root is not needed.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
output=${1:-$root/packaging/.build}
[ $# -eq 0 ] || shift
case $output in /*) ;; *) output=$PWD/$output ;; esac

missing=''
for command in dpkg-buildpackage dh node npm g++ make python3; do
  command -v "$command" >/dev/null 2>&1 || missing="$missing $command"
done
[ -z "$missing" ] || {
  echo "Not found:$missing. On Debian: apt install build-essential debhelper python3, and Node.js 20.19 or later with npm" >&2
  exit 2
}
[ $# -gt 0 ] || set -- "$(dpkg --print-architecture)"

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$stage/source"
cd "$root"
if git rev-parse --show-toplevel >/dev/null 2>&1; then
  # Without ignored files: no modules and no results of another build.
  git ls-files -z --cached --others --exclude-standard |
    tar -c --null -T - --ignore-failed-read | tar -x -C "$stage/source"
  SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
else
  tar -c --exclude=node_modules --exclude=dist --exclude=.build --exclude='*.tsbuildinfo' . | tar -x -C "$stage/source"
  SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(stat -c %Y package.json)}
fi
export SOURCE_DATE_EPOCH

cd "$stage/source"
# The umask determines the modes of folders that the build creates, and they end up in the package.
umask 022
# Nothing is compiled for this machine: the packages have the addon for each Node.js of packaging/prebuilds/table.json.
npm ci --ignore-scripts --no-audit --no-fund
./node_modules/.bin/tsc -b packaging/bundle
npm run --silent bundle
npm run --silent prebuilds -- prebuilds "$@"
npm prune --omit=dev --no-audit --no-fund
rm node_modules/.package-lock.json

cp -R packaging/debian debian
version=$(node -p 'require("./package.json").version')
node debian/changelog.mjs "$version" "$SOURCE_DATE_EPOCH" <packaging/CHANGELOG.md >debian/changelog
mkdir -p "$output"
# Remove packages of earlier builds.
rm -f "$output"/hostp2pd_*.deb "$output"/hostp2pd_*.cdx.json
for architecture in "$@"; do
  dpkg-buildpackage -b -us -uc "-a$architecture"
  package=$(echo "$stage"/hostp2pd_*_"$architecture".deb)
  cp "$package" "$output/"
  cp debian/hostp2pd/usr/share/doc/hostp2pd/sbom.cdx.json "$output/$(basename "$package" .deb).cdx.json"
  echo "$output/$(basename "$package")"
done
