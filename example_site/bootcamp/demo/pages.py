"""The pages of the demo, built from the lesson files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.files.images import ImageFile
from django.utils.text import slugify
from wagtail.images import get_image_model
from wagtail.models import Page, Site

from wagtail_live_lms.models import Course, Quiz

from ..content.reader import Callout, Code, Figure, Heading, Lesson, Piece, Text
from ..models import (
    BootcampCoursePage,
    BootcampDashboardPage,
    BootcampHomePage,
    BootcampLessonPage,
    BootcampStudentPage,
)

COURSE_SLUG = "python-bootcamp"
COURSE_TITLE = "Python bootcamp"
COURSE_INTRO = (
    "Nine lessons, three checkpoints and three practice notebooks, from the first line of Python "
    "to a small web app. "
    "You need a computer, a text editor and half an hour per lesson."
)


def load_home_page(owner: Any) -> BootcampHomePage:
    """The front page; takes the place of the page a fresh Wagtail installation comes with."""
    home = BootcampHomePage.objects.first()
    if home:
        return home
    root = Page.get_first_root_node()
    home = _publish(
        root,
        BootcampHomePage(
            title="Learn by doing",
            slug="bootcamp-home",
            intro="Short courses with code you can run, and a class that you can see moving.",
            owner=owner,
        ),
    )
    site = Site.objects.filter(is_default_site=True).first() or Site(hostname="localhost")
    welcome_page = site.root_page if site.root_page_id else None
    site.root_page, site.is_default_site, site.site_name = home, True, "Bootcamp"
    site.save()
    if welcome_page and welcome_page.specific_class is Page and welcome_page.numchild == 0:
        welcome_page.delete()
    return home


def load_course_pages(
    home: BootcampHomePage,
    course: Course,
    lessons: list[Lesson],
    quizzes: Mapping[str, Quiz],
    owner: Any,
) -> BootcampCoursePage:
    """The course page with its lessons and dashboard. An existing one is left as it is."""
    existing = BootcampCoursePage.objects.child_of(home).filter(slug=COURSE_SLUG).first()
    if existing:
        _load_pages_of_instructors(existing, course, owner)
        return existing
    course_page = _publish(
        home,
        BootcampCoursePage(
            title=COURSE_TITLE,
            slug=COURSE_SLUG,
            course=course,
            intro=COURSE_INTRO,
            search_description=COURSE_INTRO,
            body=[("grade_notification", {}), ("course_progress", {}), ("ask_for_help", {})],
            owner=owner,
        ),
    )
    for lesson in lessons:
        _publish(course_page, _build_lesson_page(lesson, quizzes.get(lesson.slug), owner))
    dashboard = BootcampDashboardPage(
        title="Instructor dashboard",
        slug="dashboard",
        body=[("instructor_dashboard", {})],
        owner=owner,
    )
    _publish(course_page, dashboard)
    student_view = [("student_view", {})]
    my_work = BootcampStudentPage(title="My work", slug="my-work", body=student_view, owner=owner)
    _publish(course_page, my_work)
    _load_pages_of_instructors(course_page, course, owner)
    return course_page


def _load_pages_of_instructors(course_page: Page, course: Course, owner: Any) -> None:
    """Where they grade and post, of every quiz, and where they see how the first quiz went."""
    bodies: dict[str, list[tuple[str, dict[str, Any]]]] = {"Grading": [("grade_poster", {})]}
    quiz = Quiz.objects.filter(course=course).order_by("module__sort_order", "pk").first()
    if quiz:
        bodies["Quiz results"] = [("quiz_results", {"quiz": quiz})]
    for title, body in bodies.items():
        slug = slugify(title)
        if not Page.objects.child_of(course_page).filter(slug=slug).exists():
            page = BootcampDashboardPage(title=title, slug=slug, body=body, owner=owner)
            _publish(course_page, page)


def _publish(parent: Page, page: Page) -> Any:
    parent.add_child(instance=page)
    page.save_revision(user=page.owner).publish()
    # The parent's cached number of children is part of the next child's path.
    parent.refresh_from_db()
    return page


def _build_lesson_page(lesson: Lesson, quiz: Quiz | None, owner: Any) -> BootcampLessonPage:
    page = BootcampLessonPage(
        title=lesson.title,
        slug=lesson.slug,
        summary=lesson.summary,
        minutes=lesson.minutes,
        search_description=lesson.summary,
        owner=owner,
    )
    blocks = [_to_block(piece) for piece in lesson.pieces]
    if quiz is not None:
        blocks.append({"type": "quiz", "value": {"quiz": quiz.pk}})
    blocks.append({"type": "course_progress", "value": {}})
    if quiz is None:  # a quiz brings its own way to ask
        blocks.append({"type": "ask_for_help", "value": {}})
    stream = BootcampLessonPage.body.field.stream_block
    page.body = stream.to_python(blocks)
    # A form would validate the stream; saving from code does not, so ask for it.
    stream.clean(page.body)
    return page


def _to_block(piece: Piece) -> dict[str, Any]:
    match piece:
        case Heading():
            return {"type": "heading", "value": piece.text}
        case Text():
            return {"type": "text", "value": piece.html}
        case Callout():
            value = {"kind": piece.kind, "title": piece.title, "text": piece.html}
            return {"type": "callout", "value": value}
        case Figure():
            return {"type": "image", "value": _to_figure(piece)}
        case Code():
            return {"type": "code", "value": _to_code(piece)}


def _to_code(code: Code) -> dict[str, str]:
    return {
        "language": code.language,
        "filename": code.filename,
        "code": code.code,
        "output": code.output,
    }


def _to_figure(figure: Figure) -> dict[str, Any]:
    image = _load_image(figure)
    chosen = {"image": image.pk, "alt_text": figure.alt, "decorative": False}
    return {"image": chosen, "caption": figure.caption}


def _load_image(figure: Figure) -> Any:
    Image = get_image_model()
    title = f"{COURSE_TITLE}: {figure.file.stem.replace('-', ' ')}"
    existing = Image.objects.filter(title=title).first()
    if existing:
        return existing
    with figure.file.open("rb") as file:
        upload = ImageFile(file, name=figure.file.name)
        return Image.objects.create(title=title, description=figure.alt[:255], file=upload)
