#!/usr/bin/env bash
# Sets up this host, builds ctr and runs every test. Arguments go to Maven; CONTRIBUTING.md tells how to run one test.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

if ((EUID != 0)); then
  echo "test.sh: the tests run real containers, which needs root: run it as root or with sudo." >&2
  exit 1
fi
./setup.sh --with-tests
mvn -B -ntp verify "$@" || {
  echo "test.sh: not everything passed; Maven's messages above say what, and the reports are in */target/surefire-reports." >&2
  exit 1
}
