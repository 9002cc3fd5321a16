#!/usr/bin/env bash
# Proves that a clone works on a bare Debian: runs commands in a fresh clone, in a minimal chroot that has only git,
# make and ca-certificates in addition.
#
#   tests/setup/bare_debian.sh [--suite SUITE] [--keep] [[--offline] COMMAND]...
#
# SUITE: bookworm (Debian 12, the default) or trixie (Debian 13).
# Each COMMAND is one string for bash, run in the clone. --offline cuts the network for the command that follows it.
# Without a command: 'make test' and 'make bench'. The clone is HEAD of this repository, without uncommitted changes.
# --keep leaves the chroot and prints its path. Exit: the first failing command's code; 2 when the chroot cannot be
# made.
#
# Needs root and debootstrap. The mirror, its keys and the network settings are this machine's, read at run time. The
# base system is kept as a tar file in TMPDIR and reused. All mounts are in a separate mount namespace that ends with
# this script, so removing the chroot cannot reach through a mount.
set -euo pipefail

fail() {
    printf 'bare_debian: %s\n' "$*" >&2
    exit 2
}

repository=$(cd "$(dirname "$0")/../.." && pwd)
readonly repository
readonly clone=/srv/racetrack

# This script runs itself again inside the new namespaces: it mounts, then runs the command in the chroot.
if [[ ${1:-} == --inside ]]; then
    root=$2 network=$3 command=$4
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    # Topology is read from /sys; nothing in the chroot may change the machine through it.
    mount --rbind /sys "$root/sys"
    mount -o bind,remount,ro "$root/sys"
    mount -t tmpfs -o mode=755 tmpfs "$root/dev"
    for device in null zero full random urandom tty; do
        touch "$root/dev/$device"
        mount --bind "/dev/$device" "$root/dev/$device"
    done
    mkdir "$root/dev/shm" "$root/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
    ln -s pts/ptmx "$root/dev/ptmx"
    ln -s /proc/self/fd "$root/dev/fd"
    enter=(chroot "$root" /usr/bin/env -i HOME=/root TERM=dumb LANG=C.UTF-8)
    enter+=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
    for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
        [[ -z ${!name:-} ]] || enter+=("$name=${!name}")
    done
    [[ $network == online ]] || enter=(unshare --net "${enter[@]}")
    exec "${enter[@]}" /bin/bash -c "cd $clone && $command"
fi

keep=no
suite=bookworm
commands=()
networks=()
network=online
while [[ $# -gt 0 ]]; do
    case $1 in
        --suite)
            suite=${2:-}
            [[ $suite == bookworm || $suite == trixie ]] || fail "--suite '$suite': give bookworm or trixie"
            shift
            ;;
        --keep) keep=yes ;;
        --offline) network=offline ;;
        -*) fail "unknown option '$1': only --suite, --keep and --offline" ;;
        *)
            commands+=("$1")
            networks+=("$network")
            network=online
            ;;
    esac
    shift
done
if [[ ${#commands[@]} -eq 0 ]]; then
    commands=('make test' 'make bench')
    networks=(online online)
fi

[[ $(id -u) -eq 0 ]] || fail "needs root for chroot and mounts: run it as root"
command -v debootstrap >/dev/null || fail "needs debootstrap: apt-get install debootstrap"

work=$(mktemp -d "${TMPDIR:-/tmp}/racetrack-debian.XXXXXX")
readonly root=$work/root
cleanup() {
    if [[ $keep == yes ]]; then
        printf 'bare_debian: kept %s\n' "$root" >&2
    else
        rm -rf --one-file-system "$work"
    fi
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A mirror of this machine's release also has the other suites.
release=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
# shellcheck disable=SC2016  # apt expands these
mirrors=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages')
mirror=$(awk -v suite="$suite" -v release="$release" '
    $1 == suite { print $2; found = 1; exit }
    $1 == release && other == "" { other = $2 }
    END { if (!found) print other }' <<<"$mirrors")
[[ -n $mirror ]] || fail "this machine's apt sources have no mirror of $suite: add one to /etc/apt"
architecture=$(dpkg --print-architecture)
readonly base=${TMPDIR:-/tmp}/racetrack-$suite-$architecture.tar
if [[ ! -f $base ]]; then
    debootstrap --variant=minbase --include=git,make,ca-certificates "$suite" "$root" "$mirror" >"$work/debootstrap.log" 2>&1 ||
        fail "debootstrap failed: $(tail -n 3 "$work/debootstrap.log" | tr '\n' ' ')"
    tar -C "$root" -cf "$work/base.tar" .
    mv "$work/base.tar" "$base"
    rm -rf --one-file-system "$root"
fi
mkdir -p "$root"
tar -C "$root" -xf "$base"

# This machine's access to its mirror: sources, keys, proxies, credentials, certificates, names.
rm -rf "$root/etc/apt/sources.list"
for path in /etc/apt /usr/share/keyrings /etc/ssl/certs /usr/local/share/ca-certificates /etc/resolv.conf /etc/hosts \
    /etc/netrc /root/.netrc; do
    [[ ! -e $path ]] || cp -aL --parents "$path" "$root" 2>/dev/null || true
done
if [[ $suite != "$release" ]]; then
    rm -f "$root"/etc/apt/sources.list.d/*
    printf 'deb %s %s main\n' "$mirror" "$suite" >"$root/etc/apt/sources.list"
fi
git clone --quiet --no-hardlinks "$repository" "$root$clone" || fail "could not clone $repository"

for index in "${!commands[@]}"; do
    printf 'bare_debian: %s (%s)\n' "${commands[index]}" "${networks[index]}" >&2
    began=$SECONDS
    code=0
    unshare --mount --pid --ipc --fork --kill-child --propagation private \
        "$0" --inside "$root" "${networks[index]}" "${commands[index]}" || code=$?
    printf 'bare_debian: exit %d after %d s\n' "$code" "$((SECONDS - began))" >&2
    [[ $code -eq 0 ]] || exit "$code"
done
