"""The documentation keeps up with the code: names, links, code, length."""

import ast
import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from wagtail_live_lms import conf, live, signals
from wagtail_live_lms.live import exceptions, registry, socket
from wagtail_live_lms.templatetags import live_lms

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")])
COMPONENTS = ROOT / "docs/reference/components.md"
PROTOCOL = ROOT / "docs/reference/protocol.md"


def headings(path: Path) -> set[str]:
    return set(re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE))


def names(path: Path) -> set[str]:
    return set(re.findall(r"[A-Za-z_]+", path.read_text()))


@pytest.mark.parametrize("key", conf.keys())
def test_every_setting_has_a_heading(key: str) -> None:
    assert key in headings(ROOT / "docs/reference/settings.md")


@pytest.mark.parametrize("name", sorted(live.__all__))
def test_every_public_name_of_the_runtime_is_explained(name: str) -> None:
    documented = set().union(*(names(page) for page in (ROOT / "docs").rglob("*.md")))
    assert name in documented


def test_every_component_of_the_package_has_a_heading() -> None:
    ours = {
        name for name in registry if registry.get(name).__module__.startswith("wagtail_live_lms.")
    }
    assert ours <= headings(COMPONENTS)


@pytest.mark.parametrize("tag", sorted(live_lms.register.tags))
def test_every_template_tag_is_explained(tag: str) -> None:
    assert tag in names(COMPONENTS)


def test_every_command_has_a_heading() -> None:
    ours = {name for name, app in get_commands().items() if app == "wagtail_live_lms"}
    assert ours <= headings(ROOT / "docs/reference/commands.md")


def test_every_signal_has_a_heading() -> None:
    ours = {name for name in vars(signals) if isinstance(getattr(signals, name), signals.Signal)}
    assert ours <= headings(ROOT / "docs/reference/signals.md")


def test_every_error_code_and_close_code_is_explained() -> None:
    text = PROTOCOL.read_text()
    errors = [error for error in vars(exceptions).values() if hasattr(error, "code")]
    missing = {error.code for error in errors if error.code not in text} - {"error"}
    closes = [socket.UNREADABLE, socket.LOGGED_OUT, socket.REFUSED, socket.EXPIRED]
    closes += [socket.TOO_MUCH, socket.TOO_BIG, socket.SERVER_ERROR, socket.RECYCLE]
    assert missing == set()
    assert [code for code in closes if str(code) not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_python_in_the_documentation_parses(page: Path) -> None:
    for block in re.findall(r"^ *```python\n(.*?)^ *```", page.read_text(), re.S | re.M):
        indent = len(block) - len(block.lstrip())
        lines = [line[indent:] for line in block.splitlines()]
        ast.parse("\n".join(lines).replace("...]", "]"))


def test_the_readme_is_short_and_shows_something_early() -> None:
    lines = (ROOT / "README.md").read_text().splitlines()
    assert len(lines) <= 150
    picture = next(number for number, line in enumerate(lines) if line.startswith("!["))
    command = next(number for number, line in enumerate(lines) if "make demo" in line)
    assert command < picture < 30


def test_decisions_have_context_decision_and_consequences() -> None:
    decisions = list((ROOT / "docs/adr").glob("0*.md"))
    index = (ROOT / "docs/adr/README.md").read_text()
    for page in decisions:
        text = page.read_text()
        assert page.name in index
        for part in ("**Context.**", "**Decision.**", "**Consequences.**"):
            assert part in text, f"{page.name} lacks {part}"
