#!/bin/sh
# Runs the tests. Usage: run.sh [all|unit|integration|radio] [scenario ...]
# Skips parts whose programs are not installed, and says so. With HOSTP2PD_TEST_ALL=1 (as in CI) that is a failure.
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

# $1: name, $2: folder
run_node() {
  echo
  echo "== $1 tests"
  # Node 20 accepts no patterns, and with a folder of TypeScript sources it would run nothing and succeed.
  files=$(find "test/.build/$2" -name '*.test.js' | sort)
  [ -n "$files" ] || { echo "no tests in test/$2" >&2; failed=1; return; }
  # shellcheck disable=SC2086
  # With a time limit, because a test that hangs must fail.
  node --test --test-timeout=600000 --test-reporter=spec $files || failed=1
}

if [ "$part" = all ]; then
  echo "== format, lint and types"
  ./node_modules/.bin/biome ci . || failed=1
fi
case $part in all | unit) run_node unit unit ;; esac
case $part in all | integration)
  if ! command -v wpa_supplicant >/dev/null 2>&1; then
    left_out="$left_out
LEFT OUT: the integration tests against the real wpa_supplicant: it is not installed (Debian: apt install wpasupplicant)"
  fi
  if ! command -v tmux >/dev/null 2>&1; then
    left_out="$left_out
LEFT OUT: the integration tests that read the screen of a terminal: tmux is not installed (Debian: apt install tmux)"
  fi
  for what in Packages Debian Repository Foreign; do
    reason=$(node -e "import('./test/.build/integration/package-tools.js').then((tools) => console.log(tools.reasonToSkip$what() || ''))")
    [ -z "$reason" ] || left_out="$left_out
LEFT OUT: the integration tests of $(case $what in Packages) echo 'the npm package' ;; Debian) echo 'the Debian package' ;; Repository) echo 'the apt repository' ;; *) echo 'the packages for other processors' ;; esac): $reason"
  done
  run_node integration integration
  ;;
esac
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
      failed=1
    fi
  }
  run_lab 'radio scenarios' "$@"
  if [ $# -eq 0 ]; then
    echo
    echo "== the main job with the wpa_supplicant of other Debian releases"
    run_lab 'the main job on other Debian releases' --system trixie --system sid main-job
  fi
  ;;
esac

if [ -n "$left_out" ]; then
  printf '\n%s\n%s\n%s\n' '*****' "$left_out" '*****' >&2
  [ "${HOSTP2PD_TEST_ALL:-0}" = 0 ] || failed=1
fi
[ "$failed" = 0 ] && echo "All parts that ran have passed." || echo "SOMETHING FAILED: see above." >&2
exit "$failed"
