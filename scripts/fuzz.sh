#!/usr/bin/env bash
# Runs every fuzz target of the packages given as arguments, each for FUZZTIME
# (default 10s). All targets run; the status says whether any of them found
# something. What was found stands in the package's testdata/fuzz folder.
set -euo pipefail
cd "$(dirname "$0")/.."

# "go test -list" names a package's targets, then the package itself.
targets=$(go test -list '^Fuzz' "$@" |
  awk '/^Fuzz/ { names[n++] = $1 } /^ok/ { for (i = 0; i < n; i++) print $2, names[i]; n = 0 }')
[ -n "$targets" ] || { echo 'fuzz: no fuzz target found' >&2; exit 1; }

failed=()
while read -r package name; do
  printf 'fuzz: %s %s\n' "$package" "$name"
  go test -run '^$' -fuzz "^$name\$" -fuzztime "${FUZZTIME:-10s}" "$package" </dev/null || failed+=("$package $name")
done <<<"$targets"

[ ${#failed[@]} -eq 0 ] && exit 0
printf 'fuzz: failed: %s\n' "${failed[@]}" >&2
exit 1
