#!/bin/sh
# Makes the virtual environment: environment.sh FOLDER LOCK. Every file is checked against the lock's hashes.
set -eu
venv=$1
lock=$2
python=${PYTHON:-python3}

"$python" - <<'P' || { echo "kiki: Python 3.11 or newer is needed; install one and run make with PYTHON=/path/to/it" >&2; exit 2; }
import sys
sys.exit(sys.version_info < (3, 11))
P
[ -x "$venv/bin/python" ] || { echo "kiki: making $venv"; "$python" -m venv "$venv"; }

echo "kiki: installing what $lock names"
# uv is several times faster; where it can't be had, pip does the same from the same lock.
if "$venv/bin/python" -m pip install -q --disable-pip-version-check uv 2>/dev/null &&
	"$venv/bin/uv" pip install -q --python "$venv/bin/python" --require-hashes -r "$lock"; then
	:
else
	"$venv/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
fi
"$venv/bin/python" -m pip install -q --disable-pip-version-check --no-deps -e .
