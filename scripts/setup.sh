#!/usr/bin/env bash
# Sees to it that this machine has what passkeylab needs to be built and run.
# Says nothing when all is there. Installs what is missing from Debian's (or a
# sibling's) packages where it may: as root, or where sudo asks no password.
# Otherwise it says what to install and exits with status 2. It changes nothing
# else. With the argument "interop", what other people's programs are run with is
# needed too.
set -euo pipefail

# The oldest Go release that will do, 1.x, as in go.mod.
oldest_go=26

# What is needed: package, what shows that it is there (programs or files, any
# one of them), and the reason.
needs='
chromium           chromium,chromium-browser,google-chrome,google-chrome-stable  the browser that journeys run in
xvfb               Xvfb                                                          a display in memory, for --headed and the real autofill popup
fonts-dejavu-core  /usr/share/fonts/*/*.[to]tf,/usr/share/fonts/*/*/*.[to]tf     letters on pages and screenshots
at-spi2-core       /usr/libexec/at-spi-bus-launcher,/usr/lib/at-spi-bus-launcher to read what the autofill popup lists
dbus               dbus-daemon                                                   the bus that AT-SPI speaks on, and a stand-in for BlueZ
libnss3-tools      certutil                                                      to have a browser trust the tunnel service
swtpm              swtpm                                                         a TPM that attestation statements are compared with
postgresql         /usr/lib/postgresql/*/bin/initdb,initdb                       the other database of the embedded site; tests start one of their own
curl               curl                                                          to run the commands of docs/api.md, and to drive the control channel of a key
'
interop_needs='
gcc               gcc                                                             to build a client on libfido2
libc6-dev         /usr/include/stdio.h                                            to build it
pkg-config        pkg-config                                                      to build it
libfido2-dev      /usr/include/fido.h                                             the client library of OpenSSH and others, to build it
python3           python3                                                         to run python-fido2, a client that is not ours
python3-venv      /usr/lib*/python3*/ensurepip,/usr/local/lib*/python3*/ensurepip  to install python-fido2 in a folder of its own
pcscd             /usr/sbin/pcscd                                                 the daemon of smart card readers
vsmartcard-vpcd   /usr/lib/pcsc/drivers/serial/libifdvpcd.so                      a reader of it that is none, for our device to lie in
fido2-tools       fido2-token                                                     clients of a key on the USB, on libfido2
openssh-client    ssh-keygen                                                      another one
openssh-server    /usr/sbin/sshd                                                  to log in at, with a key
cryptsetup-bin    cryptsetup                                                      to unlock a volume with a key
systemd           systemd-cryptenroll                                             to enrol a key for that
nodejs            node                                                            to run SimpleWebAuthn and fido2-lib, 20 or newer
npm               npm                                                             to install them in a folder of their own
default-jdk-headless  javac                                                       to run WebAuthn4J, 17 or newer
maven             mvn                                                             to fetch it
python3-pyscard   /usr/lib/python3/dist-packages/smartcard                        for python-fido2 to reach readers
'
[ "${1-}" != interop ] || needs+=$interop_needs

say() { printf 'setup: %s\n' "$*" >&2; }

# present MARK[,MARK…]: one of the programs or files is there.
present() {
  local mark marks
  IFS=, read -ra marks <<<"$1"
  for mark in "${marks[@]}"; do
    case $mark in
      /*) compgen -G "$mark" >/dev/null && return 0 ;;
      *) command -v "$mark" >/dev/null && return 0 ;;
    esac
  done
  return 1
}

check_go() {
  local version minor
  if ! command -v go >/dev/null; then
    say "Go is missing. Install Go 1.$oldest_go or later from https://go.dev/dl and put its bin folder on the PATH."
    return 1
  fi
  version=$(go env GOVERSION)
  minor=${version#go1.}
  minor=${minor%%[!0-9]*}
  if [ "${minor:-0}" -lt "$oldest_go" ]; then
    say "$version at $(command -v go) is too old. Install Go 1.$oldest_go or later from https://go.dev/dl."
    return 1
  fi
}

# find_missing fills two lists: packages, and lines that say what each is for.
find_missing() {
  local package marks reason
  missing=() reasons=()
  while read -r package marks reason; do
    if [ -n "$package" ] && ! present "$marks"; then
      missing+=("$package")
      reasons+=("$(printf '  %-18s %s' "$package" "$reason")")
    fi
  done <<<"$needs"
}

# as_root sets how to become root, or fails when that needs a person.
as_root() {
  become=()
  [ "$(id -u)" = 0 ] && return 0
  become=(sudo -n)
  command -v sudo >/dev/null && sudo -n true 2>/dev/null
}

# apt runs apt-get unattended. It waits for another package manager to finish,
# and tries once more when it lost the race for a lock all the same.
apt() {
  local command=(${become[@]+"${become[@]}"} env DEBIAN_FRONTEND=noninteractive
    apt-get -q -o DPkg::Lock::Timeout=120 "$@")
  "${command[@]}" >"$log" 2>&1 && return 0
  grep -qi 'lock' "$log" || return 1
  sleep 10
  "${command[@]}" >"$log" 2>&1
}

install_packages() {
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  say "installing ${missing[*]}"
  no_cluster
  # The package lists are fetched only when those at hand will not do.
  if apt install -y --no-install-recommends "${missing[@]}" ||
    { apt update && apt install -y --no-install-recommends "${missing[@]}"; }; then
    cluster_again
    quieten
    return 0
  fi
  cluster_again
  say "apt-get failed:"
  tail -n 15 "$log" >&2
  return 1
}

# no_cluster keeps Debian from making and starting a PostgreSQL of the system's while
# its programs are installed, and cluster_again lets it do so again.
cluster_conf=/etc/postgresql-common/createcluster.d/passkeylab.conf
no_cluster() {
  case " ${missing[*]} " in
    *' postgresql '*) ${become[@]+"${become[@]}"} sh -c "mkdir -p '${cluster_conf%/*}' && echo 'create_main_cluster = false' >'$cluster_conf'" >"$log" 2>&1 || say 'PostgreSQL may make a cluster of its own: see pg_lsclusters' ;;
  esac
}
cluster_again() {
  [ ! -e "$cluster_conf" ] || ${become[@]+"${become[@]}"} rm -f "$cluster_conf"
}

# quieten keeps servers that were installed for tests from serving anybody else.
quieten() {
  local unit
  [ -d /run/systemd/system ] || return 0
  for unit in ssh:openssh-server pcscd.socket:pcscd; do
    case " ${missing[*]} " in
      *" ${unit#*:} "*) ${become[@]+"${become[@]}"} systemctl disable --now "${unit%:*}" >"$log" 2>&1 || say "${unit%:*} goes on running: see systemctl status ${unit%:*}" ;;
    esac
  done
}

# explain says what a person has to do.
explain() {
  say "missing on this machine:"
  printf '%s\n' "${reasons[@]}" >&2
  if command -v apt-get >/dev/null; then
    say "install with: sudo apt-get update && sudo apt-get install ${missing[*]}"
  else
    say "install them with your system's package manager; the names are Debian's."
  fi
}

check_go || exit 2
find_missing
[ ${#missing[@]} -eq 0 ] && exit 0
if ! command -v apt-get >/dev/null || ! as_root || ! install_packages; then
  explain
  exit 2
fi
find_missing
if [ ${#missing[@]} -gt 0 ]; then
  say "installed, and still not found: look into the packages below"
  explain
  exit 2
fi
say "done"
