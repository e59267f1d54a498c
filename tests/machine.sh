#!/bin/sh
# Install a browser, PostgreSQL and Ruby (which judges our feeds) for the tests from the distribution's packages, where they are missing and
# this account may install. Never fails: a test that misses its machine is skipped and says why.
#
# usage: tests/machine.sh PYTHON
set -u
python="$1"
directory="$(dirname "$0")"

missing() {
    "$python" "$directory/machine.py" "$1" >/dev/null 2>&1 && return 1
    return 0
}

packages=""
missing chromium && packages="$packages chromium"
missing postgresql && packages="$packages postgresql"
missing ruby && packages="$packages ruby"
[ -z "$packages" ] && exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root="env DEBIAN_FRONTEND=noninteractive"
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n env DEBIAN_FRONTEND=noninteractive"
else
    echo "Not installed, because only root may:$packages. Tests that need them will be skipped." >&2
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Not installed, because this machine has no apt-get:$packages. Tests that need them will be skipped." >&2
    exit 0
fi

echo "Installing for the tests:$packages …"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
attempt() {
    if ! "$@" >"$log" 2>&1 </dev/null; then
        echo "This did not work: $*" >&2
        tail -n 5 "$log" >&2
    fi
}
attempt $as_root apt-get -o DPkg::Lock::Timeout=120 update
for package in $packages; do
    # Ubuntu has Chromium only as a snap, which containers cannot run: there Playwright's own build serves.
    if apt-cache policy "$package" 2>/dev/null | grep -q 'Candidate: [0-9]'; then
        attempt $as_root apt-get -o DPkg::Lock::Timeout=120 install --yes --no-install-recommends "$package"
    elif [ "$package" = chromium ]; then
        attempt $as_root "$python" -m playwright install-deps chromium
        attempt "$python" -m playwright install chromium
    fi
done
exit 0
