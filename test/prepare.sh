#!/bin/sh
# Makes a checkout ready to run: installs the packages of package-lock.json, unless that is done already, and builds.
set -eu
cd "$(dirname "$0")/.."

major=$(node -p 'const [a, b] = process.versions.node.split(".").map(Number); a > 20 || (a === 20 && b >= 19) ? "ok" : process.version')
[ "$major" = ok ] || { echo "hostp2pd: expected Node 20.19 or later, got $major" >&2; exit 1; }

if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "Installing packages (npm ci)"
  npm ci --no-audit --no-fund
fi
node -e 'require("unix-dgram")' || {
  echo "hostp2pd: the addon unix-dgram does not load; a C++ compiler, make and Python 3 are needed to build it" >&2
  exit 1
}
npm run --silent build
