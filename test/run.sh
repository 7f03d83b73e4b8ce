#!/bin/sh
# Runs the tests. Usage: run.sh [all|unit|integration|radio] [scenario ...]
# Skips parts whose programs are not installed, and says so. With HOSTP2PD_TEST_ALL=1 (as in CI) that is a failure.
# HOSTP2PD_TEST_NODES='22 24': the unit and integration tests also run on these versions of Node.js, which npm has.
set -eu
cd "$(dirname "$0")/.."
part=${1:-all}
[ $# -eq 0 ] || shift
case $part in all | unit | integration | radio) ;; *)
  echo "usage: npm test, or sh test/run.sh all|unit|integration|radio [scenario ...]" >&2
  exit 2
  ;;
esac

sh test/prepare.sh
failed=0
left_out=''
# Lines for the end of a long output.
summary=''

# Folders of the Node.js versions that run the tests, besides the one in PATH.
others=''
for major in ${HOSTP2PD_TEST_NODES:-}; do
  [ "$major" != "$(node -p 'process.versions.node.split(".")[0]')" ] || continue
  [ "$part" != radio ] || continue
  package=$(node -p "require('./packaging/prebuilds/table.json').nodes.find((node) => node.major === $major)[process.arch]")
  node packaging/prebuilds/.build/unpack.js "$package" "test/.build/node-$major"
  others="$others $PWD/test/.build/node-$major/bin"
done
background=''
made_prebuilds=''
# Addons of a developer's own stay; where there were none, the checkout would use these from then on.
clean_up() {
  for pid in $background; do kill "$pid" || :; done
  [ -z "$made_prebuilds" ] || rm -rf prebuilds
}
trap clean_up EXIT
trap 'exit 130' INT TERM

if [ -n "$others" ]; then
  # The addon in node_modules is for one version of Node.js only.
  [ -e prebuilds ] || made_prebuilds=1
  npm run --silent prebuilds -- prebuilds "$(node -p "require('./packaging/prebuilds/table.json').architectures.find(({ node }) => node === process.arch).debian")"
  # The test of the npm package takes these instead of building them once more.
  export HOSTP2PD_TEST_PREBUILDS="$PWD/prebuilds"
fi

fail() {
  failed=1
  summary="$summary
FAILED: $1"
}

# $1: name, $2: test files; then: folders of further Node.js versions that run them, all at the same time: most tests wait.
run_node() {
  echo
  echo "== $1 tests, Node.js $(node --version)"
  # Node 20 accepts no patterns, and with a folder of TypeScript sources it would run nothing and succeed.
  [ -n "$2" ] || { fail "$1 tests: no compiled files"; return; }
  name=$1 files=$2
  shift 2
  # Files at once, for each Node.js. Integration tests wait most of the time.
  at_once=$(($(nproc) / ($# + 1)))
  apart=''
  if [ "$name" = integration ]; then
    at_once=$((at_once > 2 ? at_once : 2))
    apart='sh test/apart.sh'
  fi
  # With a time limit, because a test that hangs must fail.
  options="--test-timeout=600000 --test-reporter=spec --test-reporter-destination=stdout --test-reporter=./test/.build/failed-files.js"
  several="$options --test-concurrency=$((at_once > 0 ? at_once : 1)) --test-reporter-destination"
  background=''
  for folder; do
    # shellcheck disable=SC2086
    HOSTP2PD_TEST_OTHER_NODE=1 PATH=$folder:$PATH $apart node --test $several "$folder/failed-files" $files > "$folder/output" 2>&1 &
    background="$background $!"
  done
  own=0
  # shellcheck disable=SC2086
  $apart node --test $several test/.build/failed-files.txt $files || own=1
  behind=''
  for pid in $background; do
    status=0
    wait "$pid" || status=$?
    echo
    echo "== $name tests, Node.js $("$1/node" --version)"
    if [ "$status" = 0 ]; then tail -n 8 "$1/output"; else cat "$1/output"; behind="$behind $1"; fi
    shift
  done
  background=''
  [ "$own" = 0 ] || again test/.build/failed-files.txt
  for folder in $behind; do
    HOSTP2PD_TEST_OTHER_NODE=1 PATH=$folder:$PATH again "$folder/failed-files"
  done
}

# $1: a list of test files that failed. Integration tests work with real time, which several of them and several versions of
# Node.js share. So up to three files run once more, alone, and the end of the output names them.
again() {
  listed="Node.js $(node --version): $(sed "s|^$PWD/||" "$1" | tr '\n' ' ')"
  outcome=FAILED
  if [ "$name" = integration ] && [ "$(grep -c . "$1")" -gt 0 ] && [ "$(grep -c . "$1")" -le 3 ]; then
    echo
    echo "== once more, alone, $listed"
    # shellcheck disable=SC2046,SC2086
    if $apart node --test $options --test-concurrency=1 --test-reporter-destination "$1-again" $(cat "$1"); then
      outcome='PASSED ONLY ON THE SECOND ATTEMPT'
    fi
  fi
  [ "$outcome" != FAILED ] || failed=1
  summary="$summary
$outcome: $name tests, $listed"
}

if [ "$part" = all ]; then
  echo "== format, lint and types"
  ./node_modules/.bin/biome ci . || fail 'format and lint'
fi
case $part in all | unit)
  # shellcheck disable=SC2086
  run_node unit test/.build/unit/all.js $others
  ;;
esac
case $part in all | integration)
  if ! command -v wpa_supplicant >/dev/null 2>&1; then
    left_out="$left_out
LEFT OUT: the integration tests against the real wpa_supplicant: it is not installed (Debian: apt install wpasupplicant)"
  fi
  if ! command -v tmux >/dev/null 2>&1; then
    left_out="$left_out
LEFT OUT: the integration tests that read the screen of a terminal: tmux is not installed (Debian: apt install tmux)"
  fi
  if [ ! -x /usr/bin/chromium ]; then
    left_out="$left_out
LEFT OUT: the integration tests of the panel in a browser: chromium is not installed (Debian: apt install chromium)"
  fi
  for what in Packages Debian Repository Foreign; do
    reason=$(node -e "import('./test/.build/integration/packages/package-tools.js').then((tools) => console.log(tools.reasonToSkip$what() || ''))")
    [ -z "$reason" ] || left_out="$left_out
LEFT OUT: the integration tests of $(case $what in Packages) echo 'the npm package' ;; Debian) echo 'the Debian package' ;; Repository) echo 'the apt repository' ;; *) echo 'the packages for other processors' ;; esac): $reason"
  done
  reason=$(node -e "import('./test/.build/integration/packages/package-tools.js').then((tools) => console.log(tools.reasonToSkipContainer() || ''))")
  # No failure with HOSTP2PD_TEST_ALL: the continuous integration runs in a container, where no container tool works.
  [ -z "$reason" ] || echo "LEFT OUT: building the container image; its steps are tried in a clean root: $reason" >&2
  packages=test/.build/integration/packages
  # shellcheck disable=SC2086
  run_node integration "$(find test/.build/integration -name '*.test.js' -not -path "$packages/*" | sort)" $others
  # These take most of the processors' time, and start the Node.js that they need themselves.
  run_node package "$(find "$packages" -name '*.test.js' | sort)"
  ;;
esac
# Only in the continuous integration: figures of a machine that is used for other things at the same time say little.
if [ "$part" = all ] && [ "${HOSTP2PD_TEST_ALL:-0}" = 1 ]; then
  echo
  echo "== benchmark: nothing is much slower than it was"
  node test/.build/bench/bench.js --guard || fail 'benchmark'
fi
case $part in all | radio)
  echo
  echo "== radio lab: real wpa_supplicant, simulated radios"
  # 2: something that the lab needs is missing, or a system cannot be downloaded, and it has printed what.
  run_lab() {
    what=$1
    shift
    status=0
    node test/.build/radio/host/run.js --again "$@" || status=$?
    if [ "$status" = 2 ]; then
      left_out="$left_out
LEFT OUT: $what, for the reasons given above"
    elif [ "$status" != 0 ]; then
      fail "$what: named above"
    fi
  }
  if [ $# -eq 0 ]; then
    echo "== the main job with the wpa_supplicant of other Debian releases"
    # All else runs with that of this machine.
    own=$(sed -n s/^VERSION_CODENAME=//p /etc/os-release 2> /dev/null || :)
    others=''
    for release in bookworm trixie sid; do [ "$release" = "$own" ] || others="$others --system $release"; done
    # shellcheck disable=SC2086
    run_lab 'the main job on other Debian releases' $others main-job
    echo
    echo "== all with that of this machine"
    [ "$part" = radio ] || set -- --core
  fi
  run_lab 'radio scenarios' "$@"
  ;;
esac

if [ -n "$left_out" ]; then
  printf '\n%s\n%s\n%s\n' '*****' "$left_out" '*****' >&2
  [ "${HOSTP2PD_TEST_ALL:-0}" = 0 ] || failed=1
fi
[ -z "$summary" ] || printf '%s\n' "$summary" >&2
[ "$failed" = 0 ] && echo "All parts that ran have passed." || echo "SOMETHING FAILED: see above." >&2
exit "$failed"
