#!/usr/bin/env bash
# demo.sh PORT: database, course and users, then the server; running it again keeps the data.
set -euo pipefail
cd "$(dirname "$0")/.."
port="$1"
python=.venv/bin/python
export PYTHONUNBUFFERED=1 PORT="$port"

if ! $python -c "import socket; socket.create_server(('127.0.0.1', $port)).close()" 2>/dev/null; then
    echo "Port $port is taken. Choose another one: make demo PORT=8001" >&2
    exit 1
fi
$python manage.py migrate --verbosity 0
$python manage.py load_demo_course
key="${LIVE_LMS_VAR:-var}/push.key"
[ -f "$key" ] || $python manage.py create_web_push_keys --file "$key" >/dev/null

exec $python manage.py runserver --noreload "127.0.0.1:$port"
