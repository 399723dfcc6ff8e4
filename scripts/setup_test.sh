#!/usr/bin/env bash
# Tests setup.sh on made-up machines: each is a folder of stand-ins that is the
# whole PATH.
set -euo pipefail
cd "$(dirname "$0")"
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

# machine NAME PROGRAM…: a machine with bash, the usual small tools and PROGRAMs.
machine() {
  bin=$room/$1
  mkdir "$bin"
  shift
  local tool
  for tool in bash env grep mktemp rm tail sleep cat touch chmod; do ln -s "$(command -v "$tool")" "$bin/$tool"; done
  stand_in id 'echo 1000'
  for tool in "$@"; do stand_in "$tool" 'exit 0'; done
}

# stand_in PROGRAM SCRIPT
stand_in() {
  printf '#!%s\n%s\n' "$(command -v bash)" "$2" >"$bin/$1"
  chmod +x "$bin/$1"
}

# expect STATUS TEXT [ARGUMENT]: setup ends with STATUS and says TEXT (nothing at all if empty).
expect() {
  local status=0
  PATH=$bin "$bin/bash" ./setup.sh "${@:3}" >"$room/out" 2>&1 || status=$?
  if [ "$status" != "$1" ] || { [ -n "$2" ] && ! grep -qF -- "$2" "$room/out"; } || { [ -z "$2" ] && [ -s "$room/out" ]; }; then
    printf 'setup_test: %s: want status %s and "%s", got status %s and:\n' "${bin##*/}" "$1" "$2" "$status"
    cat "$room/out"
    exit 1
  fi
}

machine no-go
expect 2 'https://go.dev/dl'

machine old-go
stand_in go 'echo go1.22.4'
expect 2 'go1.22.4'

machine no-apt
stand_in go 'echo go1.26.8'
expect 2 "names are Debian's"
expect 2 'the browser that journeys run in'
expect 2 'to run python-fido2' interop

machine no-root apt-get
stand_in go 'echo go1.26.8'
expect 2 'sudo apt-get install chromium xvfb'

machine failing-apt
stand_in go 'echo go1.27rc1'
stand_in id 'echo 0'
stand_in apt-get 'echo "E: no space left"; exit 100'
expect 2 'E: no space left'

# Stale lists: the first install fails, update mends it. The files of fonts and
# AT-SPI are outside the PATH, so that this machine's own count.
machine stale-lists
stand_in go 'echo go1.26.8'
stand_in id 'echo 0'
stand_in apt-get "case \"\$*\" in
  *update*) touch '$bin/fresh' ;;
  *install*) [ -e '$bin/fresh' ] || { echo '404 Not Found'; exit 100; }
    for p in chromium Xvfb dbus-daemon certutil swtpm initdb curl; do : >'$bin/'\$p; chmod +x '$bin/'\$p; done ;;
esac"
if compgen -G '/usr/share/fonts/*/*/*.[to]tf' >/dev/null && [ -e /usr/libexec/at-spi-bus-launcher ]; then
  expect 0 'setup: done'
  expect 0 '' # and a second time there is nothing to do or say
else
  expect 2 'still not found'
fi

printf 'setup_test: ok\n'
