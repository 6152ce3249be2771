"""A JupyterHub for one test: the sample configuration, no passwords, and no proxy in front."""

import os
import sys
from pathlib import Path

from jupyterhub.proxy import Proxy


class NoProxy(Proxy):
    """Whoever knows a server's address asks it directly; it is in the file of its name."""

    should_start = False

    async def start(self):
        """Nothing to start."""

    async def stop(self):
        """Nothing to stop."""

    async def add_route(self, routespec, target, data):
        if "user" in data:
            Path(f"{data['user']}.address").write_text(target)

    async def delete_route(self, routespec):
        """Nothing to route."""

    async def get_all_routes(self):
        """No route leads anywhere."""
        return {}


c = get_config()  # noqa: F821 - JupyterHub provides it
load_subconfig(os.environ["SAMPLE_CONFIG"])  # noqa: F821
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.bind_url = f"http://127.0.0.1:{os.environ['UNUSED_PORT']}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{os.environ['HUB_PORT']}"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = os.path.join(os.getcwd(), "{username}")
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--allow-root"]
c.JupyterHub.services = [{"name": "test", "api_token": os.environ["TEST_TOKEN"]}]
c.JupyterHub.load_roles = [
    {
        "name": "test",
        "services": ["test"],
        "scopes": ["admin:users", "admin:servers", "access:servers"],
    }
]
