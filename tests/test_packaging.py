"""Both distributions as others get them: built, installed into empty environments, and used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "wagtail_live_lms"

# The builds and environments below are made once, in one worker.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("packaging"),
]

MINIMAL_SETTINGS = """
SECRET_KEY = "x"
INSTALLED_APPS = [
    "wagtail_live_lms", "django_htmx",
    "wagtail.users", "wagtail.snippets", "wagtail.documents", "wagtail.images", "wagtail.search",
    "wagtail.admin", "wagtail.sites", "wagtail", "modelcluster", "taggit",
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
    "django.contrib.messages", "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
DATABASES = {"default": {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": "site.sqlite3",
    "OPTIONS": {"transaction_mode": "IMMEDIATE"},
}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "minimal_urls"
STATIC_URL = "/static/"
WAGTAIL_SITE_NAME = "Minimal"
WAGTAILADMIN_BASE_URL = "http://localhost"
WAGTAILDOCS_EXTENSIONS = ["pdf"]
USE_TZ = True
"""
MINIMAL_URLS = """
from django.urls import include, path

urlpatterns = [path("live-lms/", include("wagtail_live_lms.urls"))]
"""


@dataclass(frozen=True)
class Distribution:
    """What `python -m build` made of one source tree."""

    wheel: Path
    sdist: Path

    def wheel_names(self) -> set[str]:
        with zipfile.ZipFile(self.wheel) as archive:
            return set(archive.namelist())

    def sdist_names(self) -> set[str]:
        with tarfile.open(self.sdist) as archive:
            return {name.partition("/")[2] for name in archive.getnames()}


@dataclass(frozen=True)
class Environment:
    """A virtual environment that holds one wheel and what it depends on."""

    folder: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        ours = ("COV", "DJANGO", "LIVE_LMS", "PYTHON")
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        return subprocess.run(
            [str(self.folder / "bin" / command[0]), *command[1:]],
            cwd=self.folder,
            env={**inherited, "PYTHONPATH": str(self.folder), "HOME": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    def output_of(self, *command: str) -> str:
        """What a command that succeeds prints, both streams."""
        finished = self.run(*command)
        printed = finished.stdout + finished.stderr
        assert finished.returncode == 0, printed
        return printed


def build(source: Path, target: Path) -> Distribution:
    """Build from a clean copy: the wheel out of the sdist, untouched by earlier builds."""
    copy = target / "source"
    made = ("*.egg-info", "build", "dist", "__pycache__", ".*_cache", "*.sqlite3*", "var")
    ignored = shutil.ignore_patterns(".git", ".venv*", *made)
    shutil.copytree(source, copy, ignore=ignored)
    subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(target / "dist"), str(copy)],
        check=True, capture_output=True, timeout=600,
    )  # fmt: skip
    (wheel,) = (target / "dist").glob("*.whl")
    (sdist,) = (target / "dist").glob("*.tar.gz")
    return Distribution(wheel, sdist)


def install(wheel: Path, folder: Path) -> Environment:
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", str(wheel)]
    subprocess.run(
        [*pip, "--disable-pip-version-check"], check=True, capture_output=True, timeout=600
    )
    return Environment(folder)


@pytest.fixture(scope="module")
def site_distribution(tmp_path_factory: pytest.TempPathFactory) -> Distribution:
    return build(ROOT, tmp_path_factory.mktemp("site-build"))


@pytest.fixture(scope="module")
def site_environment(
    site_distribution: Distribution, tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    folder = tmp_path_factory.mktemp("site-environment")
    environment = install(site_distribution.wheel, folder)
    (folder / "minimal_settings.py").write_text(MINIMAL_SETTINGS)
    (folder / "minimal_urls.py").write_text(MINIMAL_URLS)
    return environment


@pytest.fixture(scope="module")
def jupyter_distribution(tmp_path_factory: pytest.TempPathFactory) -> Distribution:
    return build(ROOT / "jupyter_extension", tmp_path_factory.mktemp("jupyter-build"))


@pytest.fixture(scope="module")
def jupyter_environment(
    jupyter_distribution: Distribution, tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    return install(jupyter_distribution.wheel, tmp_path_factory.mktemp("jupyter-environment"))


def shipped_files() -> set[str]:
    """Everything in the package folder that a site needs at run time."""
    kinds = {".py", ".html", ".txt", ".css", ".js", ".svg", ".po", ".mo", ".json", ".typed"}
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / PACKAGE).rglob("*")
        if path.is_file() and (path.suffix in kinds or path.name == "py.typed")
    }


class TestSiteDistribution:
    def test_wheel_and_sdist_hold_every_file_of_the_package(
        self, site_distribution: Distribution
    ) -> None:
        assert shipped_files() - site_distribution.wheel_names() == set()
        assert shipped_files() - site_distribution.sdist_names() == set()

    @pytest.mark.parametrize("folder", ["templates", "static", "locale", "migrations"])
    def test_wheel_and_sdist_hold_the_folder(
        self, site_distribution: Distribution, folder: str
    ) -> None:
        prefix = f"{PACKAGE}/{folder}/"
        assert any(name.startswith(prefix) for name in site_distribution.wheel_names())
        assert any(name.startswith(prefix) for name in site_distribution.sdist_names())

    def test_wheel_holds_nothing_else(self, site_distribution: Distribution) -> None:
        tops = {name.split("/")[0] for name in site_distribution.wheel_names()}
        assert {top for top in tops if not top.endswith(".dist-info")} == {PACKAGE}

    def test_installed_wheel_passes_the_checks_of_a_minimal_site(
        self, site_environment: Environment
    ) -> None:
        settings = "--settings=minimal_settings"
        assert "no issues" in site_environment.output_of("django-admin", "check", settings)
        site_environment.output_of(
            "django-admin", "makemigrations", PACKAGE, "--check", "--dry-run", settings
        )

    def test_installed_wheel_makes_its_tables_and_finds_its_files(
        self, site_environment: Environment
    ) -> None:
        settings = "--settings=minimal_settings"
        site_environment.output_of("django-admin", "migrate", "--verbosity=0", settings)
        style_sheets = [
            path.relative_to(ROOT / PACKAGE / "static").as_posix()
            for path in (ROOT / PACKAGE / "static").rglob("*.css")
        ]
        assert style_sheets
        found = site_environment.output_of("django-admin", "findstatic", *style_sheets, settings)
        assert "site-packages" in found

    def test_jupyter_is_not_pulled_in(self, site_environment: Environment) -> None:
        listed = site_environment.output_of("python", "-m", "pip", "list")
        packages = {line.split()[0].replace("_", "-").lower() for line in listed.splitlines()[2:]}
        assert "nbformat" in packages  # reads notebooks; it brings jupyter-core, which runs nothing
        assert not packages & {"jupyter-server", "jupyterlab", "notebook", "jupyter-live-lms"}


class TestJupyterDistribution:
    def test_wheel_enables_the_extension(self, jupyter_environment: Environment) -> None:
        listing = jupyter_environment.output_of("jupyter", "server", "extension", "list")
        lines = listing.splitlines()
        (enabled,) = [line for line in lines if "jupyter_live_lms" in line and "enabled" in line]
        assert "enabled" in enabled
        assert any("jupyter_live_lms" in line and "OK" in line for line in lines)

    def test_command_is_a_jupyter_subcommand(self, jupyter_environment: Environment) -> None:
        status = jupyter_environment.run("jupyter", "live-lms", "status")
        assert status.returncode == 1
        assert "not set" in status.stdout

    def test_no_django_is_pulled_in(self, jupyter_environment: Environment) -> None:
        listed = jupyter_environment.output_of("python", "-m", "pip", "list").lower()
        assert "django" not in listed
        assert "wagtail" not in listed

    def test_wheel_holds_its_configuration_and_nothing_foreign(
        self, jupyter_distribution: Distribution
    ) -> None:
        names = jupyter_distribution.wheel_names()
        assert any(n.endswith("jupyter_server_config.d/jupyter_live_lms.json") for n in names)
        page = "share/jupyter/labextensions/jupyter-live-lms/static/remoteEntry.0.1.0.js"
        assert any(n.endswith(page) for n in names)
        assert "jupyter_live_lms/events/lesson.yaml" in names
        tops = {name.split("/")[0] for name in names}
        assert {top for top in tops if ".d" not in top} == {"jupyter_live_lms"}
