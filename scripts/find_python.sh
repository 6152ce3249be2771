#!/usr/bin/env bash
# Print a Python 3.11 or newer that can make virtual environments; fail with advice if none is found.
# With --all, print every supported version found, one "version path" a line, one path per version.
set -euo pipefail

supported="3.11 3.12 3.13"

candidates() {
    command -v python3 || true
    for version in $supported; do
        command -v "python$version" || true
        if command -v pyenv >/dev/null; then
            ls "$(pyenv root)"/versions/"$version".*/bin/python 2>/dev/null || true
        fi
        ls "$HOME"/.pyenv/versions/"$version".*/bin/python 2>/dev/null || true
    done
}

# A pyenv shim answers only for versions made active, and Debian's python3 may lack ensurepip:
# only a program that says so itself counts.
version_of() {
    "$1" -c 'import ensurepip, sys, venv; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true
}

seen=" "
for candidate in $(candidates); do
    version="$(version_of "$candidate")"
    case " $supported " in *" $version "*) ;; *) continue ;; esac
    [ -n "$version" ] || continue
    if [ "${1:-}" != "--all" ]; then
        echo "$candidate"
        exit 0
    fi
    case "$seen" in *" $version "*) continue ;; esac
    seen="$seen$version "
    echo "$version $candidate"
done

if [ "$seen" = " " ]; then
    echo "No Python 3.11 to 3.13 with the venv module found; get one with: apt-get install python3-venv" >&2
    exit 1
fi
