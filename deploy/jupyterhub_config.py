"""For JupyterHub: each student's server gets a token of the course site when it starts.

Use it as the hub's configuration, or load it from there: `load_subconfig("jupyterhub_config.py")`.
Read from the hub's environment:

    LIVE_LMS_URL                   the course site, as the hub and its servers reach it
    LIVE_LMS_HUB_CREDENTIAL_FILE   a file with what `manage.py create_hub_credential` printed
    LIVE_LMS_TOKEN_HOURS           how long a token lasts, default 24
"""

import json
import os
from pathlib import Path

from tornado.httpclient import AsyncHTTPClient, HTTPRequest

SITE = os.environ["LIVE_LMS_URL"].rstrip("/")
CREDENTIAL_FILE = Path(os.environ["LIVE_LMS_HUB_CREDENTIAL_FILE"])
HOURS = int(os.environ.get("LIVE_LMS_TOKEN_HOURS", "24"))
SECONDS = 10.0


async def give_token(spawner):
    """Ask for a token of this student. Without one their server starts all the same."""
    try:
        spawner.environment.update(LIVE_LMS_URL=SITE, LIVE_LMS_TOKEN=await make_token(spawner))
    except Exception as error:  # noqa: BLE001 - whatever it is, the student wants to work
        spawner.environment.pop("LIVE_LMS_TOKEN", None)
        spawner.log.warning("No course site for %s: %s", spawner.user.name, error)


async def make_token(spawner):
    """The text of a new token. Raises HTTPError, for instance 404 for somebody unknown there."""
    credential = CREDENTIAL_FILE.read_text().strip()
    wish = {"username": spawner.user.name, "name": "JupyterHub", "hours": HOURS}
    request = HTTPRequest(
        f"{SITE}/live-lms/api/v1/tokens",
        method="POST",
        headers={"Authorization": f"Bearer {credential}", "Content-Type": "application/json"},
        body=json.dumps(wish),
        request_timeout=SECONDS,
        follow_redirects=False,
    )
    response = await AsyncHTTPClient().fetch(request)
    return json.loads(response.body)["token"]


c = get_config()  # noqa: F821 - JupyterHub provides it
c.Spawner.pre_spawn_hook = give_token
