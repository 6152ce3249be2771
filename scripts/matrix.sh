#!/usr/bin/env bash
# The unit suite on every supported interpreter found, each with the oldest and the newest Django and
# Wagtail that the distribution allows. Environments are kept in .venv-matrix/.
set -euo pipefail
cd "$(dirname "$0")/.."
export PIP_DISABLE_PIP_VERSION_CHECK=1
results=()
status=0

install() {  # environment, python, then what pins the versions
    local environment="$1" python="$2"
    shift 2
    [ -x "$environment/bin/python" ] || "$python" -m venv "$environment"
    # setuptools explains editable installs at length, every time.
    local -x PYTHONWARNINGS=ignore
    "$environment/bin/python" -m pip install --quiet --upgrade "pip>=25.1"
    "$environment/bin/python" -m pip install --quiet --upgrade --upgrade-strategy eager \
        --editable . --group demo --group test "$@"
}

suite() {  # label, environment
    local versions
    versions="$("$2/bin/python" -c 'import django, wagtail; print("Django", django.__version__, "Wagtail", wagtail.__version__)')"
    echo "=== $1: $versions ==="
    # The architecture is the same on every version, and its test needs the lint tools.
    if "$2/bin/python" -m pytest -n 2 -m "not browser and not resilience and not slow" \
        --ignore tests/test_architecture.py tests; then
        results+=("$1 ($versions): passed")
    else
        results+=("$1 ($versions): FAILED")
        status=1
    fi
}

run() {  # label, python, pins
    local label="$1" python="$2"
    shift 2
    if install ".venv-matrix/$label" "$python" "$@"; then
        suite "$label" ".venv-matrix/$label"
    else
        results+=("$label: FAILED to install")
        status=1
    fi
}

found="$(bash scripts/find_python.sh --all)"
while read -r version python <&3; do
    run "$version-oldest" "$python" "wagtail==8.0" "Django==5.2"
    run "$version-newest" "$python"
done 3<<<"$found"

echo
echo "=== matrix ==="
printf '%s\n' "${results[@]}"
for version in 3.11 3.12 3.13; do
    grep -q "^$version " <<<"$found" || echo "NOT RUN: Python $version was not found on this machine"
done
exit "$status"
