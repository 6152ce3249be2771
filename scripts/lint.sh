#!/usr/bin/env bash
# Every check that runs no test. All of them run; the exit code says whether any complained.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
failed=()

check() {
    echo "--- $*"
    "$@" || failed+=("$*")
}

check $bin/ruff check .
check $bin/ruff format --check .
check $bin/mypy
check $bin/lint-imports
check $bin/djlint --lint wagtail_live_lms example_site
check $bin/python manage.py makemigrations --check --dry-run
check $bin/python manage.py check --fail-level WARNING

if [ "${#failed[@]}" -gt 0 ]; then
    printf '\nFAILED: %s\n' "${failed[@]}"
    exit 1
fi
echo "lint: all clean"
