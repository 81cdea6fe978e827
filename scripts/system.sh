#!/bin/sh
# Installs the programs that kiki runs: system.sh run|test. Names them first, asks a person, installs nothing twice.
#   run:  ngspice (39 or newer), bubblewrap, python's venv
#   test: the same, tmux, KiCad 9 with its libraries, the compiler for STM32 and QEMU; ngspice 46, KiCad and QEMU from the
#   backports where the release's are older
set -eu
purpose=${1:-run}
wanted=46
[ "$purpose" = run ] && wanted=39

ngspice_version() {
	ngspice --version 2>/dev/null | sed -n 's/.*ngspice-\([0-9][0-9]*\).*/\1/p' | head -n 1
}

kicad_version() { # its major version: 9
	kicad-cli version 2>/dev/null | sed -n 's/^\([0-9][0-9]*\)\..*/\1/p' | head -n 1
}

agreed() { # asks when a person is there; a pipe or CI has agreed by calling
	[ -t 0 ] && [ -t 1 ] || return 0
	printf 'Install them? [Y/n] '
	read -r answer
	case "$answer" in '' | y | Y | yes) return 0 ;; *) return 1 ;; esac
}

missing=""
[ "$(ngspice_version || true)" ] && [ "$(ngspice_version)" -ge "$wanted" ] || missing="ngspice"
if [ "$(uname -s)" = Darwin ]; then
	[ -z "$missing" ] && exit 0
	command -v brew >/dev/null || { echo "kiki: ngspice is missing; install Homebrew, then: brew install ngspice" >&2; exit 0; }
	echo "kiki: with Homebrew, this installs: ngspice"
	agreed && brew install ngspice
	exit 0
fi
command -v bwrap >/dev/null || missing="$missing bubblewrap"
[ "$purpose" = run ] || command -v tmux >/dev/null || missing="$missing tmux"
[ "$purpose" = run ] || { [ "$(kicad_version || true)" ] && [ "$(kicad_version)" -ge 9 ]; } || missing="$missing kicad kicad-symbols kicad-footprints"
[ "$purpose" = run ] || command -v arm-none-eabi-gcc >/dev/null || missing="$missing gcc-arm-none-eabi libnewlib-arm-none-eabi"
[ "$purpose" = run ] || command -v qemu-system-arm >/dev/null || missing="$missing qemu-system-arm"
python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
missing=${missing# }
[ -z "$missing" ] && exit 0

if ! command -v apt-get >/dev/null; then
	echo "kiki: missing: $missing; install them with your package manager, then run make again" >&2
	exit 0
fi

root=""
if [ "$(id -u)" -ne 0 ]; then
	if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
		root=sudo
	else
		echo "kiki: missing: $missing; as root run: apt-get install -y --no-install-recommends $missing" >&2
		exit 0
	fi
fi

# The backports, for a release whose ngspice or KiCad is too old; its addresses come from the machine's own sources.
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
backports=/etc/apt/sources.list.d/kiki-backports.sources
address=""
if [ "$purpose" = test ] && [ "$codename" = bookworm ] && case "$missing" in *ngspice* | *kicad* | *qemu*) true ;; *) false ;; esac; then
	address=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | grep -v security | head -n 1)
	[ -n "$address" ] || address=$(sed -n 's/^deb \(\[[^]]*\] \)\?\([^ ]*\) bookworm .*/\2/p' /etc/apt/sources.list 2>/dev/null | head -n 1)
fi

echo "kiki: this installs with apt-get: $missing"
[ -n "$address" ] && [ ! -e "$backports" ] && echo "kiki: and adds the release's backports, at their default low priority, as $backports"
agreed || { echo "kiki: going on without; what needs them says so"; exit 0; }

apt() { $root env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" </dev/null >/dev/null; }
if [ -n "$address" ] && [ ! -e "$backports" ]; then
	printf 'Types: deb\nURIs: %s\nSuites: bookworm-backports\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' \
		"$address" | $root tee "$backports" >/dev/null
fi
apt update || echo "kiki: apt-get update failed; trying with the lists that are there" >&2
for package in $missing; do
	case "$package" in
	ngspice | kicad* | qemu-system-arm) suite=${address:+-t bookworm-backports} ;;
	*) suite="" ;;
	esac
	# shellcheck disable=SC2086 # the suite is two words or none
	apt install -y --no-install-recommends $suite "$package" || { echo "kiki: could not install $package; try: $root apt-get install $package" >&2; [ "$purpose" = run ] || exit 1; }
done
