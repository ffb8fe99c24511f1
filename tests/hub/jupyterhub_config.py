"""A hub for the test: everybody may be anybody, and all share one account of the machine.

So it is no example for a class; INSTRUCTORS.md has one.
"""

import os
from pathlib import Path

c = get_config()  # noqa: F821
work, root = Path(os.environ["HUB_WORK"]), Path(os.environ["HUB_ROOT"])
environment = Path(os.environ["HUB_ENVIRONMENT"])
ports = iter(os.environ["HUB_PORTS"].split())

c.JupyterHub.bind_url = f"http://127.0.0.1:{next(ports)}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{next(ports)}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{next(ports)}"
proxy = environment / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy"
c.ConfigurableHTTPProxy.command = ["node", str(proxy)]
c.ConfigurableHTTPProxy.pid_file = str(work / "proxy.pid")
c.JupyterHub.db_url = f"sqlite:///{work}/hub.sqlite"
c.JupyterHub.cookie_secret_file = str(work / "cookie")

c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.services = [{"name": "test", "api_token": os.environ["HUB_TOKEN"]}]
c.JupyterHub.load_roles = [
    {
        "name": "test",
        "services": ["test"],
        "scopes": ["admin:users", "admin:servers", "tokens", "access:servers"],
    }
]

c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(work / "home" / "{username}")
c.Spawner.cmd = [str(environment / "venv" / "bin" / "jupyterhub-singleuser")]
c.Spawner.args = ["--allow-root"] if os.getuid() == 0 else []
# A kernel that nobody used for half an hour ends, and then the server: INSTRUCTORS.md
c.Spawner.args += [
    "--MappingKernelManager.cull_idle_timeout=1800",
    "--MappingKernelManager.cull_interval=60",
    "--ServerApp.shutdown_no_activity_timeout=3600",
    "--LabApp.expose_app_in_browser=True",  # the test asks JupyterLab for the whole notebook
]
c.Spawner.default_url = "/lab"
c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 0}  # all start at once, nobody waits for one
c.Spawner.start_timeout = c.Spawner.http_timeout = 300  # on a busy machine
course = Path(os.environ["HUB_COURSE_ENVIRONMENT"])  # where the course's packages lie
settings = root / "tests" / "hub" / "settings"
c.Spawner.environment = {
    "PYTHONPATH": str(root),
    "JUPYTER_PATH": str(course / "share" / "jupyter"),
    "JUPYTERLAB_DIR": str(course / "share" / "jupyter" / "lab"),
    "JUPYTER_CONFIG_PATH": f"{work}/etc:{settings}:{course}/etc/jupyter",
    "COURSE_EXCHANGE": str(work / "exchange"),
    "COURSE_FOLDER": "course",
    "COURSE_DATA": os.environ.get("COURSE_DATA", str(work / "data")),
    "COURSE_CORPUS": "embedded",
}
