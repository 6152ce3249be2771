"""The practice notebooks of the course: a page, a module and the notebook itself for each."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wagtail_live_lms.actions import refresh_course, reorder_modules, report_notebook, save_notebook
from wagtail_live_lms.models import Course, Module, NotebookLesson
from wagtail_live_lms.notebooks import Upload, read_notebook, tagged_ids

from ..content.reader import CONTENT_DIR
from ..models import BootcampCoursePage, BootcampLessonPage

NOTEBOOKS_DIR = CONTENT_DIR / "notebooks"

INTRO = (
    "<p>Time to write code of your own. Open the notebook in Jupyter and replace every "
    "<code>...</code>; the checks below each exercise tell you at once whether it works. When the "
    "last check has passed and the notebook is saved, this module is complete.</p>"
)


@dataclass(frozen=True)
class Practice:
    """A notebook that follows a lesson; its metadata says what its page needs."""

    slug: str
    after: str
    title: str
    summary: str
    minutes: int
    upload: Upload


def read_practices() -> list[Practice]:
    """All practice notebooks in the order of their file names."""
    return [_read(path) for path in sorted(NOTEBOOKS_DIR.glob("*.ipynb"))]


def load_practices(course: Course, course_page: BootcampCoursePage, owner: Any) -> None:
    """Add the practice notebooks that the course does not have yet, each after its lesson."""
    practices = read_practices()
    for practice in practices:
        page = _load_page(practice, course_page, owner)
        if page is not None and not NotebookLesson.objects.filter(module__page=page).exists():
            _add_module(course, practice, page)


def finish_notebook(student: Any, module: Module) -> None:
    """Report every required cell of a module, as the student's Jupyter would."""
    required = module.notebook_lesson.required_ids
    report_notebook(student, module, required, key=uuid.uuid4(), evidence={"mode": "saved"})


def _read(path: Path) -> Practice:
    upload = read_notebook(path.read_bytes())
    told = upload.notebook["metadata"]["bootcamp"]
    return Practice(slug=path.stem[3:], upload=upload, **told)


def _load_page(
    practice: Practice, course_page: BootcampCoursePage, owner: Any
) -> BootcampLessonPage | None:
    """The page, made anew unless it is there; None where the lesson before it was removed."""
    siblings = BootcampLessonPage.objects.child_of(course_page)
    existing = siblings.filter(slug=practice.slug).first()
    lesson = siblings.filter(slug=practice.after).first()
    if existing or lesson is None:
        return existing
    page = BootcampLessonPage(
        title=practice.title,
        slug=practice.slug,
        summary=practice.summary,
        minutes=practice.minutes,
        search_description=practice.summary,
        owner=owner,
        body=[("text", INTRO), ("notebook_lesson", {}), ("course_progress", {})],
    )
    lesson.add_sibling(pos="right", instance=page)
    page.save_revision(user=owner).publish()
    return page


def _add_module(course: Course, practice: Practice, page: BootcampLessonPage) -> None:
    module = Module.objects.create(
        course=course,
        title=practice.title,
        completion_rule="notebook_finished",
        page_id=page.pk,
        sort_order=Module.objects.filter(course=course).count(),
    )
    lesson = NotebookLesson(title=practice.title, module=module)
    save_notebook(lesson, practice.upload.text, tagged_ids(practice.upload.notebook))
    reorder_modules(course, list(_with_module_after(course, practice, module)))
    refresh_course(course)


def _with_module_after(course: Course, practice: Practice, new: Module) -> Iterator[int]:
    """Ids of the course's modules, the new one behind that of its lesson or else at the end."""
    others = Module.objects.filter(course=course).exclude(pk=new.pk).select_related("page")
    is_placed = False
    for module in others:
        yield module.pk
        if not is_placed and module.page is not None and module.page.slug == practice.after:
            yield new.pk
            is_placed = True
    if not is_placed:
        yield new.pk
