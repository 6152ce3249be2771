"""Two windows in one picture: a notebook lesson just completed, and the instructor's dashboard."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.site import ExampleSite
from tests.jupyter.lessons import as_text, solve
from tests.jupyter.pages import LabLesson
from tests.jupyter.server import JupyterServer

DASHBOARD = "/python-bootcamp/dashboard/?sort=-activity"
RULE = "notebook_finished"
SIZE = {"width": 1040, "height": 780}
GAP, GROUND = 20, (128, 136, 148)
COLOURS = 192


def take_both(
    site: ExampleSite, browser: Browser, open_page: Callable[..., Page], target: Path
) -> int:
    """Let a student finish a notebook in JupyterLab while the dashboard is open; bytes written."""
    dashboard = open_page(browser, site, "instructor", DASHBOARD, viewport=SIZE)
    dashboard.wait_for_selector("[data-live-state=live]:has(tr[data-pct])")
    student = _first_shown(dashboard, site)
    with closing(JupyterServer(site)) as server:
        server.connect(student)
        server.start()
        lesson = LabLesson(browser.new_context(), server)
        _finish(lesson, site)
        # Jupyter's messages end with an animation: the picture is taken while it runs.
        pictures = [_picture(lesson.page)]
        row = dashboard.locator(f"tr#{site.row_id(student)}")
        expect(row).to_have_attribute("data-pct", str(site.percentage(student)))
        row.evaluate("row => row.scrollIntoView({block: 'center'})")
        pictures.append(_picture(dashboard))
        lesson.context.close()
    dashboard.context.close()
    _compose(pictures).save(target, optimize=True)
    size = target.stat().st_size
    print(f"{target.name}: {size:,} bytes")
    return size


def _picture(page: Page) -> Image.Image:
    return Image.open(BytesIO(page.screenshot()))


def _first_shown(dashboard: Page, site: ExampleSite) -> str:
    """The student highest up in the table who has finished no notebook."""
    sql = (
        "SELECT username FROM wagtail_live_lms_enrolment e JOIN auth_user u ON u.id = e.user_id"
        " WHERE NOT EXISTS (SELECT 1 FROM wagtail_live_lms_progress p"
        " WHERE p.enrolment_id = e.id AND p.source = 'notebook')"
    )
    names = {site.row_id(username): username for (username,) in site.query(sql)}
    rows = dashboard.eval_on_selector_all("tr[data-pct]", "rows => rows.map(row => row.id)")
    return next(names[row] for row in rows if row in names)


def _finish(lesson: LabLesson, site: ExampleSite) -> None:
    sql = "SELECT id FROM wagtail_live_lms_module WHERE completion_rule = ? ORDER BY sort_order"
    ((module,), *_) = site.query(sql, RULE)
    name = "names.ipynb"
    solved = solve(lesson.server.download(module, name))
    (lesson.server.work / name).write_text(as_text(solved))
    lesson.open(name)
    lesson.page.set_viewport_size(SIZE)
    lesson.page.keyboard.press("Control+b")  # the list of files says nothing here
    lesson.run_all()
    lesson.save()
    lesson.expect_status("Lesson: completed")
    lesson.expect_message("Lesson completed")


def _compose(pictures: list[Image.Image]) -> Image.Image:
    width = sum(picture.width for picture in pictures) + GAP * (len(pictures) + 1)
    whole = Image.new("RGB", (width, pictures[0].height + 2 * GAP), GROUND)
    left = GAP
    for picture in pictures:
        whole.paste(picture, (left, GAP))
        left += picture.width + GAP
    return whole.quantize(COLOURS)
