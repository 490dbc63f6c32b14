#!/usr/bin/env bash
# Installs the servers and tools that the interoperability tests run against,
# from the packages of Debian (or a system derived from it).
#
#   test/peers/install.sh                  everything
#   test/peers/install.sh nginx apache2    only these
#
# Known names: nginx apache2 curl python3 tshark chromium squid tinyproxy haproxy
# microsocks stunnel4. What is there already is left as it is, and nothing is
# fetched when nothing is missing. Services that a package starts by itself are
# stopped and disabled again, so nothing new listens on port 80; a service that
# was there before is not touched.
set -euo pipefail

readonly known=(nginx apache2 curl python3 tshark chromium squid tinyproxy haproxy microsocks stunnel4)
# Server binaries live in sbin, which is often not in a user's PATH.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

die() {
	printf 'install.sh: %s\n' "$*" >&2
	exit 1
}

usage() {
	printf 'usage: install.sh [%s]...\n' "$(IFS='|'; printf '%s' "${known[*]}")"
}

is_known() {
	local name
	for name in "${known[@]}"; do
		[[ $name == "$1" ]] && return 0
	done
	return 1
}

# present NAME: the harness looks for each binary under the name of its package.
present() {
	[[ $1 == python3 && -x /usr/bin/python3 ]] ||
		{ [[ $1 == stunnel4 ]] && command -v stunnel >/dev/null 2>&1; } || command -v "$1" >/dev/null 2>&1
}

# as_root COMMAND...: runs it directly as root, through sudo otherwise.
as_root() {
	if [[ $(id -u) -eq 0 ]]; then
		"$@"
	else
		sudo "$@"
	fi
}

# quiet_service NAME: each line may fail, since there may be no init system.
quiet_service() {
	as_root systemctl disable --now "$1" >/dev/null 2>&1 || true
	as_root service "$1" stop >/dev/null 2>&1 || true
	as_root update-rc.d "$1" disable >/dev/null 2>&1 || true
}

wanted=()
for name in "$@"; do
	case $name in
	-h | --help)
		usage
		exit 0
		;;
	esac
	is_known "$name" || die "unknown name '$name'; $(usage)"
	wanted+=("$name")
done
[[ ${#wanted[@]} -gt 0 ]] || wanted=("${known[@]}")

missing=()
for name in "${wanted[@]}"; do
	present "$name" || missing+=("$name")
done
if [[ ${#missing[@]} -eq 0 ]]; then
	printf 'peers present: %s\n' "${wanted[*]}"
	exit 0
fi

command -v apt-get >/dev/null 2>&1 ||
	die "missing: ${missing[*]}; there is no apt-get here, install them by this system's own means"
if [[ $(id -u) -ne 0 ]]; then
	command -v sudo >/dev/null 2>&1 ||
		die "missing: ${missing[*]}; neither root nor sudo is available, ask an administrator to run: apt-get install ${missing[*]}"
fi

printf 'installing: %s\n' "${missing[*]}"
as_root apt-get update -q || printf 'install.sh: apt-get update failed, trying with the lists at hand\n' >&2
if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"; then
	# A server whose service could not start leaves its package half configured
	# though its binary is there; what counts is checked below.
	printf 'install.sh: apt-get install failed\n' >&2
fi
for name in "${missing[@]}"; do
	case $name in
	nginx | apache2 | squid | tinyproxy | haproxy | microsocks | stunnel4) quiet_service "$name" ;;
	esac
done

still=()
for name in "${missing[@]}"; do
	present "$name" || still+=("$name")
done
[[ ${#still[@]} -eq 0 ]] || die "still missing after apt-get install: ${still[*]}"
printf 'peers present: %s\n' "${wanted[*]}"
