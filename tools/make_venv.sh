#!/usr/bin/env bash
# Make a virtual environment, or say plainly what is missing. Usage: make_venv.sh PYTHON FOLDER
set -euo pipefail
python=$1 folder=$2

if ! command -v "$python" >/dev/null; then
    echo "Python is missing: no '$python' here. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Interurban needs Python 3.11 or newer; '$python' is $("$python" -V 2>&1). Name another: make PYTHON=/path/to/python3" >&2
    exit 1
fi
[ -x "$folder/bin/python" ] && "$folder/bin/python" -m pip --version >/dev/null 2>&1 && exit 0

# Debian and Ubuntu keep the part of Python that makes environments in a package of its own.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    package="python$version-venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing $package, without which Python makes no virtual environment." >&2
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package" >&2
    else
        echo "Python makes no virtual environment here. On Debian or Ubuntu: sudo apt-get install $package" >&2
        exit 1
    fi
fi
"$python" -m venv --clear "$folder"
