#!/usr/bin/env bash
# demo.sh PORT JUPYTER: database, course and users, then the site and student1's JupyterLab on the
# port JUPYTER (0: without it); running it again keeps the data. Ctrl-C ends both.
set -euo pipefail
cd "$(dirname "$0")/.."
port="$1"
jupyter_port="${2:-0}"
python=.venv/bin/python
export PYTHONUNBUFFERED=1 PORT="$port"
processes=""

refuse_taken() {
    if ! $python -c "import socket; socket.create_server(('127.0.0.1', $1)).close()" 2>/dev/null; then
        echo "Port $1 is taken. Choose another one: make demo $2" >&2
        exit 1
    fi
}

end() {
    trap - INT TERM EXIT
    # shellcheck disable=SC2086 # several numbers
    kill $processes 2>/dev/null
    wait
}

start_jupyter() {
    local folder="${LIVE_LMS_VAR:-$PWD/var}/jupyter" site="http://127.0.0.1:$port" login
    login="$($python -m scripts.demo_jupyter "$folder" "$site")"
    export LIVE_LMS_JUPYTER_LINK="http://127.0.0.1:$jupyter_port/lab/tree/{file}$login"
    JUPYTER_CONFIG_DIR="$folder/config" JUPYTER_DATA_DIR="$folder/data" \
        JUPYTER_RUNTIME_DIR="$folder/runtime" IPYTHONDIR="$folder/ipython" \
        LIVE_LMS_URL="$site" LIVE_LMS_TOKEN_FILE="$folder/token" \
        $python -m jupyterlab --no-browser --allow-root --ip=127.0.0.1 --port="$jupyter_port" \
        --ServerApp.root_dir="$folder/lessons" --ServerApp.port_retries=0 \
        --ServerApp.answer_yes=True --LabApp.news_url= \
        </dev/null >"$folder/jupyter.log" 2>&1 &
    processes="$!"
    echo "  Jupyter    http://127.0.0.1:$jupyter_port/lab$login"
    echo "             is student1's; its log is $folder/jupyter.log"
}

refuse_taken "$port" PORT=8001
[ "$jupyter_port" = 0 ] || refuse_taken "$jupyter_port" "JUPYTER=8889 (or JUPYTER=0 to go without)"
$python manage.py migrate --verbosity 0
$python manage.py load_demo_course
key="${LIVE_LMS_VAR:-var}/push.key"
[ -f "$key" ] || $python manage.py create_web_push_keys --file "$key" >/dev/null
trap end INT TERM EXIT
[ "$jupyter_port" = 0 ] || start_jupyter

$python manage.py runserver --noreload "127.0.0.1:$port" </dev/null &
processes="$processes $!"
wait "$!"
