#!/usr/bin/env bash
# Runs the tests against other people's clients and relying parties. They carry
# the build tag "interop", since they need those programs' packages. What is
# built or fetched for them lies in bin/interop.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh interop
mkdir -p bin/interop

# The client on libfido2, of the system's packages.
read -ra compile < <(pkg-config --cflags libfido2)
read -ra link < <(pkg-config --libs libfido2)
gcc -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -O1 "${compile[@]}" \
  interop/libfido2/*.c -o bin/interop/libfido2 "${link[@]}"

# The newest python-fido2, or the one fetched last where there is no network.
python=bin/interop/venv/bin/python
[ -x "$python" ] || python3 -m venv bin/interop/venv
"$python" -m pip install --quiet --disable-pip-version-check --upgrade fido2 ||
  "$python" -c 'import fido2' 2>/dev/null ||
  { echo 'interop: python-fido2 could not be fetched from PyPI' >&2; exit 2; }

printf 'interop: libfido2 %s, python-fido2 %s\n' "$(pkg-config --modversion libfido2)" \
  "$("$python" -c 'from importlib.metadata import version; print(version("fido2"))')"

mapfile -t folders < <(grep -rlE --include='*_test.go' '^//go:build .*\binterop\b' . | xargs -r dirname | sort -u)
printf 'interop: %s\n' "${folders[@]}"
go vet -tags interop "${folders[@]}"
go test -count=1 -tags interop "${folders[@]}"
