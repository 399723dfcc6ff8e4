#!/usr/bin/env bash
# Everything a reviewer should not have to look for: formatting, vet,
# staticcheck, the floors of the house, shell scripts, and files that do not
# belong into the tree. Arguments: the packages to look at. All checks run; the
# status says whether any of them objected.
# shellcheck disable=SC2317 # functions are called by name, through check
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
failed=0

# check NAME COMMAND…: runs COMMAND and notes if it fails.
check() {
  local name=$1
  shift
  if ! "$@"; then
    printf 'lint: %s: mend what is listed above\n' "$name" >&2
    failed=1
  fi
}

formatted() {
  local files
  files=$(gofmt -l .) || return 1
  [ -z "$files" ] || { printf 'not formatted, run gofmt -w on:\n%s\n' "$files"; return 1; }
}

# clean_tree fails on built or left-over files that are tracked by mistake.
clean_tree() {
  git rev-parse --git-dir >/dev/null 2>&1 || return 0
  ! git ls-files | grep -E '^(report|bin)/|\.(test|prof|out|orig|rej|swp)$|~$|(^|/)\.DS_Store$'
}

# nothing_open fails on notes to self in the code.
nothing_open() {
  git rev-parse --git-dir >/dev/null 2>&1 || return 0
  ! git grep -nwE 'TODO|FIXME' -- '*.go' '*.js' '*.css' '*.tmpl' '*.html'
}

# elsewhere vets for another system, so that the tree goes on compiling there.
elsewhere() {
  local system=$1
  shift
  GOOS=$system go vet "$@"
}

shell_scripts() {
  command -v shellcheck >/dev/null || return 0
  shellcheck scripts/*.sh .ci/run
}

check gofmt formatted
check vet go vet "$@"
check staticcheck go tool staticcheck "$@"
check 'vet (interop)' go vet -tags interop ./interop/...
check 'staticcheck (interop)' go tool staticcheck -tags interop ./interop/...
check 'vet (windows)' elsewhere windows "$@"
check 'vet (darwin)' elsewhere darwin "$@"
check layers go test ./internal/layers
check shellcheck shell_scripts
check 'tracked files' clean_tree
check 'open notes' nothing_open
exit "$failed"
