#!/usr/bin/env bash
# Runs the tests against other people's clients and relying parties. They carry
# the build tag "interop", since they need those programs' packages.
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t folders < <(grep -rlE --include='*_test.go' '^//go:build .*\binterop\b' . | xargs -r dirname | sort -u)
if [ ${#folders[@]} -eq 0 ]; then
  echo 'interop: no test in the tree carries the build tag "interop"'
  exit 0
fi
printf 'interop: %s\n' "${folders[@]}"
go test -count=1 -timeout 30m -tags interop "${folders[@]}"
