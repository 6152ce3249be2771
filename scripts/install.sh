#!/usr/bin/env bash
# install.sh GROUP: make .venv if needed and install both distributions, editable, with one
# dependency group of pyproject.toml.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! .venv/bin/python -c '' 2>/dev/null; then
    python="${PYTHON:-$(bash scripts/find_python.sh)}"
    echo "Making .venv with $python"
    "$python" -m venv --clear .venv
fi
echo "Installing the $1 environment into .venv (the first time takes a minute or two)"
export PIP_DISABLE_PIP_VERSION_CHECK=1
# setuptools explains editable installs at length, every time.
export PYTHONWARNINGS=ignore
# --group needs pip 25.1.
.venv/bin/python -m pip install --quiet --upgrade "pip>=25.1"
if [ "$1" = bench ]; then
    .venv/bin/python -m pip install --quiet --editable . --group "$1"
else
    .venv/bin/python -m pip install --quiet --editable . --editable ./jupyter_extension --group "$1"
fi
touch ".venv/.installed-$1"
