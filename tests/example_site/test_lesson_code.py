"""Every Python sample of the course runs, and prints what the lesson says it prints."""

import builtins
import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from example_site.bootcamp.content.reader import Code, Figure, Lesson, Text, read_lessons

ALL = read_lessons()
LESSONS = [lesson for lesson in ALL if lesson.rule != "quiz_passed"]
"""Those that teach; a checkpoint asks."""
by_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.slug)


def samples(lesson: Lesson) -> Iterator[Code]:
    return (p for p in lesson.pieces if isinstance(p, Code) and p.language == "python")


def run(sample: Code, namespace: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> str:
    """What a learner sees after running the sample where the earlier ones have run."""
    answers = iter(sample.stdin)

    def answer(question: str = "") -> str:
        print(question, end="")
        return next(answers)

    monkeypatch.setattr(builtins, "input", answer)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(sample.code, "<lesson>", "exec"), namespace)
        except Exception as error:
            if not sample.raises:
                raise
            print(f"{type(error).__name__}: {error}")
        else:
            assert not sample.raises, "the lesson promises an exception"
    return printed.getvalue()


@by_lesson
def test_every_sample_prints_what_the_lesson_shows(
    lesson: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {"__name__": "lesson"}
    for sample in samples(lesson):
        assert run(sample, namespace, monkeypatch).rstrip("\n") == sample.output.rstrip("\n")


@by_lesson
def test_a_lesson_is_long_enough_to_learn_from_and_short_enough_to_finish(lesson: Lesson) -> None:
    words = sum(len(piece.html.split()) for piece in lesson.pieces if isinstance(piece, Text))
    assert 400 <= words <= 1000
    assert len(list(samples(lesson))) >= 5


@by_lesson
def test_every_figure_exists_and_is_described(lesson: Lesson) -> None:
    figures = [piece for piece in lesson.pieces if isinstance(piece, Figure)]
    assert figures
    for figure in figures:
        assert figure.file.is_file()
        assert len(figure.alt.split()) >= 8


def test_lessons_have_distinct_slugs() -> None:
    assert len({lesson.slug for lesson in ALL}) == len(ALL) > len(LESSONS) >= 8
