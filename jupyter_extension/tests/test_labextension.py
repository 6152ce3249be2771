"""The page's part, as files; `tests/jupyter` at the root runs it in real browsers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import jupyter_live_lms

FOLDER = Path(__file__).parent.parent / "labextension"
PACKAGE = json.loads((FOLDER / "package.json").read_text())
SCHEMAS = FOLDER / "schemas" / PACKAGE["name"]


def script() -> str:
    return (FOLDER / PACKAGE["jupyterlab"]["_build"]["load"]).read_text()


def test_versions_agree_so_that_no_browser_keeps_an_old_file() -> None:
    version = jupyter_live_lms.__version__
    assert PACKAGE["version"] == version
    assert PACKAGE["jupyterlab"]["_build"]["load"] == f"static/remoteEntry.{version}.js"
    project = (FOLDER.parent / "pyproject.toml").read_text()
    assert f'version = "{version}"' in project


def test_schema_belongs_to_the_plugin() -> None:
    assert (SCHEMAS / "package.json.orig").read_text() == (FOLDER / "package.json").read_text()
    assert (SCHEMAS / "plugin.json").exists()
    assert "const PLUGIN = `${NAME}:plugin`" in script()


def test_toolbar_items_are_made_by_the_script() -> None:
    items = json.loads((SCHEMAS / "plugin.json").read_text())["jupyter.lab.toolbars"]["Notebook"]
    for item in items:
        assert f"'Notebook', '{item['name']}'" in script()


@pytest.mark.parametrize(
    "pattern",
    [r"https?://", r"\bfetch\(", r"XMLHttpRequest", r"\beval\(", r"innerHTML", r"#[0-9a-f]{3,6}\b"],
)
def test_script_asks_jupyter_alone_and_uses_its_colours(pattern: str) -> None:
    assert re.findall(pattern, script()) == []
