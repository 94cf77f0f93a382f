#!/usr/bin/env bash
# Brings a Debian or Ubuntu host to where ctr runs: container tools, a JDK and Maven, a CRIU that works with the
# running kernel, and ctr itself. Safe to run again at any time: what is present is left as it is.
set -euo pipefail

REPOSITORY=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
readonly REPOSITORY

# ctr puts $PRIVATE/bin first in the PATH of runc and conmon, so a program there wins over the distribution's.
readonly PRIVATE=/usr/local/lib/ctr
export PATH=$PRIVATE/bin:$PATH:/usr/sbin:/sbin

# "package probe": where the probe, a command or an absolute path, is found, nothing is installed. So a runc that came
# with another vendor's packages stays; the distribution's would conflict with it.
readonly BASE_PACKAGES=(
  "ca-certificates /etc/ssl/certs/ca-certificates.crt"
  "maven mvn"
  "runc runc"
  "conmon conmon"
  "containernetworking-plugins /usr/lib/cni/bridge"
  "skopeo skopeo"
  "iproute2 ip"
  "iptables iptables"
  "nftables nft"
)
readonly TEST_PACKAGES=(
  "busybox-static /var/lib/dpkg/info/busybox-static.list" # the package busybox has the same command, but not static
  "redis-server redis-server"
  "redis-tools redis-cli"
  "podman podman"
  "docker-registry docker-registry"
  "openssl openssl"
  "age age"
)

# The tests start these daemons themselves; left to the packages, they would run for the whole host.
readonly QUIET_SERVICES=(redis-server docker-registry)

with_tests=false
package_lists_are_fresh=false
work= # temporary directory inside $PRIVATE, so that what is made there can be renamed into place
lock= # file descriptor that holds the lock on $PRIVATE

usage() {
  cat <<'END'
Usage: ./setup.sh [--with-tests]

Installs what ctr needs on Debian 12 and newer or Ubuntu 24.04 and newer, builds ctr if it is not built yet, and runs
"ctr check". Needs root. Run it as often as you like: what is present is left as it is.

  --with-tests  also install what the test suite needs
  -h, --help    show this text
END
}

main() {
  parse_options "$@"
  require_supported_host
  open_private_directory
  install_jdk
  install_missing "${BASE_PACKAGES[@]}"
  install_criu
  if $with_tests; then
    install_test_packages
    install_checkpointctl
  fi
  build_if_needed
  close_private_directory
  check_host
}

parse_options() {
  local option
  for option in "$@"; do
    case $option in
      --with-tests) with_tests=true ;;
      -h | --help)
        usage
        exit 0
        ;;
      *)
        printf 'setup.sh: unknown option %s; see ./setup.sh --help.\n' "$option" >&2
        exit 2
        ;;
    esac
  done
}

require_supported_host() {
  ((EUID == 0)) || fail "installing packages needs root: run it as root or with sudo."
  local id version
  id=$(os_release ID)
  version=$(os_release VERSION_ID)
  case $id in
    debian) at_least "${version:-0}" 12 && return ;;
    ubuntu) at_least "${version:-0}" 24.04 && return ;;
  esac
  fail "this host is ${id:-an unknown system} ${version:-without a version}, and only Debian 12 and newer and Ubuntu 24.04 and newer are supported."
}

build_if_needed() {
  local archive=$REPOSITORY/cli/target/dist/ctr.jsa
  if [[ -e $archive && -z $(find "$REPOSITORY" -path '*/src/main/*' -newer "$archive" -type f -print -quit) ]]; then
    say "ctr … built already"
    return
  fi
  say "ctr … building"
  (cd "$REPOSITORY" && mvn -B -q -Dmaven.test.skip=true package) || fail "ctr could not be built; see the messages above."
}

check_host() { "$REPOSITORY/ctr" check; }

# ---- small tools ----

say() { printf '%s\n' "$*"; }

fail() {
  printf 'setup.sh: %s\n' "$*" >&2
  exit 1
}

# Runs a command without its output, unless it fails.
quietly() {
  if ! "$@" >"$work/output" 2>&1 </dev/null; then
    tail -n 20 "$work/output" >&2
    return 1
  fi
}

# The reason a program, started with its output to $work/output, gave for failing.
last_error() { grep -E '^E:|Error' "$work/output" | tail -n 1 || tail -n 1 "$work/output"; }

# shellcheck disable=SC1091
os_release() { (. /etc/os-release 2>/dev/null && printf '%s' "${!1:-}") || true; }

at_least() { dpkg --compare-versions "$1" ge "$2"; }

# 1.1.5+ds1-1+deb12u1 becomes 1.1.5.
upstream_version() { sed -E 's/^[0-9]+://; s/[-+~].*//' <<<"$1"; }

is_present() {
  if [[ $1 == /* ]]; then [[ -e $1 ]]; else command -v "$1" >/dev/null; fi
}

# Waits for another run of this script to end, as test.sh and demo.sh call it too.
open_private_directory() {
  install -d -m 755 "$PRIVATE" "$PRIVATE/bin"
  exec {lock}<"$PRIVATE"
  flock "$lock"
  rm -rf "$PRIVATE"/.setup.* # left by a run that was killed
  work=$(mktemp -d "$PRIVATE/.setup.XXXXXX")
  chmod 755 "$work" # apt downloads as the user _apt
  trap 'rm -rf "$work"' EXIT
}

close_private_directory() {
  rm -rf "$work"
  exec {lock}<&-
}

# ---- packages of the distribution ----

installed_version() {
  local status version
  read -r status version < <(dpkg-query -W -f '${db:Status-Status} ${Version}\n' "$1" 2>/dev/null) || true
  [[ ${status:-} == installed ]] && upstream_version "$version"
}

# Takes a package and options for apt-cache; fails where no version can be had.
candidate_version() {
  local version
  version=$(apt-cache "${@:2}" policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: //p')
  [[ -n $version && $version != "(none)" ]] && upstream_version "$version"
}

refresh_package_lists() {
  if $package_lists_are_fresh; then return; fi
  say "package lists … updating"
  quietly apt-get -q update || fail "apt-get update failed; see the messages above."
  package_lists_are_fresh=true
}

# RUNLEVEL=1 keeps packages from starting services on a host without systemd; NEEDRESTART_SUSPEND keeps Ubuntu from
# restarting services of others.
apt_install() {
  refresh_package_lists
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
    quietly apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends "$@" ||
    fail "apt-get could not install $*; see the messages above."
  hash -r
}

# Takes entries of the form "package probe".
install_missing() {
  local entry package probe missing=()
  for entry in "$@"; do
    read -r package probe <<<"$entry"
    if is_present "$probe"; then
      say "$package … present ($(installed_version "$package" || command -v "$probe" || echo "$probe"))"
    else
      missing+=("$package")
    fi
  done
  ((${#missing[@]} > 0)) || return 0
  refresh_package_lists
  say "${missing[*]} … installing"
  apt_install "${missing[@]}"
  for package in "${missing[@]}"; do
    say "$package … installed ($(installed_version "$package"))"
  done
}

jdk_version() {
  local javac
  javac=$(command -v javac) || return 1
  sed -n 's/^JAVA_VERSION="\(.*\)"/\1/p' "$(dirname "$(readlink -f "$javac")")/../release" 2>/dev/null
}

install_jdk() {
  local version
  version=$(jdk_version) || version=0
  if at_least "$version" 17; then
    say "JDK … present ($version)"
    return
  fi
  refresh_package_lists
  say "JDK … installing"
  apt_install default-jdk-headless
  version=$(jdk_version) || version=0
  at_least "$version" 17 ||
    fail "javac is not of a JDK 17 or newer even after installing default-jdk-headless; choose one with: update-alternatives --config javac"
  say "JDK … installed ($version)"
}

# A service that is installed already is its owner's affair and is left alone.
install_test_packages() {
  local service new_services=()
  if [[ -d /run/systemd/system ]]; then
    for service in "${QUIET_SERVICES[@]}"; do
      is_present "$service" || new_services+=("$service.service")
    done
  fi
  ((${#new_services[@]} == 0)) || systemctl --quiet --runtime mask "${new_services[@]}"
  install_missing "${TEST_PACKAGES[@]}"
  if ((${#new_services[@]} > 0)); then
    systemctl --quiet --runtime unmask "${new_services[@]}"
    systemctl --quiet disable "${new_services[@]}"
  fi
}

# ---- CRIU and checkpointctl: the distribution's, or a newer release's in a prefix of its own ----

# CRIU before 4.2 fails on every TCP socket on Linux 6.16 and newer ("Can't get 1:16 opt").
minimum_criu() {
  if at_least "$(uname -r | grep -oE '^[0-9]+\.[0-9]+')" 6.16; then echo 4.2; else echo 4.0; fi
}

criu_version() { "$1" --version 2>/dev/null | sed -n 's/^Version: //p'; }

criu_works() {
  local version
  version=$(criu_version "$1") || return 1
  at_least "${version:-0}" "$(minimum_criu)" || return 1
  "$1" check >"$work/output" 2>&1 || true
  grep -q "Looks good" "$work/output"
}

install_criu() {
  if criu_works criu; then
    say "criu … present ($(criu_version criu), $(command -v criu))"
    return
  fi
  local minimum candidate
  minimum=$(minimum_criu)
  refresh_package_lists
  if candidate=$(candidate_version criu) && at_least "$candidate" "$minimum"; then
    say "criu … installing $candidate"
    apt_install criu
    remove_private criu
    if criu_works criu; then return; fi
    say "criu … version $candidate does not work on this host ($(last_error)), looking for a newer one"
  fi
  install_private criu "$minimum" criu_works ||
    fail "no CRIU $minimum or newer that works on kernel $(uname -r) was found in any release on this host's package mirror; install one by hand (\"criu check\" must say \"Looks good\") and run setup.sh again."
}

checkpointctl_works() { "$1" --help >"$work/output" 2>&1; }

install_checkpointctl() {
  if checkpointctl_works checkpointctl; then
    say "checkpointctl … present ($(command -v checkpointctl))"
    return
  fi
  refresh_package_lists
  if candidate_version checkpointctl >/dev/null; then
    install_missing "checkpointctl checkpointctl"
  else
    install_private checkpointctl 0 checkpointctl_works ||
      fail "checkpointctl was not found in any release on this host's package mirror; install it by hand and run setup.sh again."
  fi
}

# Installs program $1, at least version $2, below $PRIVATE, from the nearest suite where it passes the test $3.
install_private() {
  local program=$1 minimum=$2 works=$3 suite version staged=$work/prefix wrapper=$work/wrapper
  for suite in $(newer_suites); do
    open_suite "$suite" || continue
    version=$(candidate_version "$program" -c "$work/apt.conf") || continue
    at_least "$version" "$minimum" || continue
    say "$program … installing $version into $PRIVATE/$program, from $suite"
    unpack_with_dependencies "$program" "$staged" || continue
    write_wrapper "$program" "$staged" "$staged" "$wrapper"
    if ! "$works" "$wrapper"; then
      say "$program … version $version does not work on this host ($(last_error)), looking for a newer one"
      continue
    fi
    write_wrapper "$program" "$staged" "$PRIVATE/$program" "$wrapper"
    remove_private "$program"
    mv -T "$staged" "$PRIVATE/$program"
    mv -T "$wrapper" "$PRIVATE/bin/$program" # last: what has no wrapper is not installed
    hash -r
    return 0
  done
  return 1
}

remove_private() { rm -rf "${PRIVATE:?}/bin/$1" "${PRIVATE:?}/$1"; }

# The suites to look in, nearest first. They are named by role, so the list does not age.
newer_suites() {
  case $(os_release ID) in
    debian) echo stable testing unstable ;;
    ubuntu) echo devel ;;
  esac
}

# Makes $work/apt.conf, by which apt sees that suite and nothing else, as if no package were installed: a program's
# dependencies come along down to the C library. Signatures are checked with the keyring of the host's own source.
open_suite() {
  local suite=$1
  rm -rf "$work/apt"
  mkdir -p "$work"/apt/{lists,cache/archives}/partial
  : >"$work/apt/status"
  write_source "$suite" >"$work/apt/suite.sources"
  cat >"$work/apt.conf" <<END
Dir::Etc::sourcelist "$work/apt/suite.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "$work/apt/lists";
Dir::State::status "$work/apt/status";
Dir::Cache "$work/apt/cache";
APT::Default-Release "";
APT::Update::Error-Mode "any";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
END
  private_apt update && return
  if grep -q "is not signed" "$work/output"; then
    local keyring
    keyring=$(os_release ID | sed 's/debian/debian-archive/')-keyring
    say "$suite … signed with a key this host does not know yet, updating $keyring"
    apt_install "$keyring"
    private_apt update && return
  fi
  say "$suite … skipped ($(last_error))"
  return 1
}

private_apt() { apt-get -q -y -c "$work/apt.conf" "$@" >"$work/output" 2>&1 </dev/null; }

# Prints an apt source for another suite on the mirror that the host's own release comes from.
write_source() {
  local origin components=main uri entry
  case $(os_release ID) in
    debian) origin=Debian ;;
    ubuntu) origin=Ubuntu components="main universe" ;;
  esac
  read -r uri entry < <(
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(REPO_URI) $(SOURCESENTRY)' "Identifier: Packages" "Component: main" \
      "Origin: $origin" "Label: $origin" "Codename: $(os_release VERSION_CODENAME)"
  ) || fail "apt is not configured with a mirror of this release, so there is none to get a newer one from; add it to /etc/apt/sources.list.d."
  cat <<END
Types: deb
URIs: $uri
Suites: $1
Components: $components
Architectures: $(dpkg --print-architecture)
Targets: Packages
END
  signed_by "$entry"
}

# Prints the Signed-By field of an apt source, given as apt does: file:stanza for the deb822 format, file:line for the
# one-line format. The field may be a key of many lines, or missing.
signed_by() {
  local file=${1%:*} number=${1##*:}
  if [[ $file == *.sources ]]; then
    sed '/^#/d' "$file" | awk -v number="$number" '
      NF == 0 { inside = 0; next }
      !inside { inside = 1; stanza++ }
      /^[^ \t]/ { wanted = stanza == number && tolower($0) ~ /^signed-by:/ }
      wanted'
  else
    sed -nE "${number}s/^[^#]*\[[^]]*signed-by=([^] ]+).*/Signed-By: \1/p" "$file"
  fi
}

# Downloads package $1 with all its dependencies and unpacks their programs and libraries into directory $2.
unpack_with_dependencies() {
  local package=$1 prefix=$2 archive
  if ! private_apt install --no-install-recommends --download-only "$package"; then
    say "$package … could not be downloaded ($(last_error))"
    return 1
  fi
  rm -rf "$prefix"
  mkdir -m 755 "$prefix"
  for archive in "$work"/apt/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$archive" | tar -x -C "$prefix" --no-same-owner \
      --exclude=./etc --exclude=./var --exclude=./usr/share --exclude='*/gconv' || return 1
  done
}

# Writes the script $4 that starts program $1, now unpacked in $2 and to be run from $3, with its own C library.
write_wrapper() {
  local program=$1 unpacked=$2 home=$3 wrapper=$4 loader binary libraries
  loader=$(find "$unpacked" -type f -name 'ld-linux*.so.*' -print -quit)
  binary=$(find "$unpacked"/{usr/,}{s,}bin -type f -name "$program" -print -quit 2>/dev/null) || true
  libraries=$(find "$unpacked" -name 'lib*.so.*' -printf "$home/%P\n" | sed 's|/[^/]*$||' | sort -u | paste -s -d :)
  cat >"$wrapper" <<END
#!/bin/sh
exec $home${loader#"$unpacked"} --argv0 $program --library-path $libraries $home${binary#"$unpacked"} "\$@"
END
  chmod 755 "$wrapper"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
