"""The questions of a quiz version, ready to be graded, and kept in memory between requests."""

import html
import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

from django.utils.html import strip_tags
from django.utils.text import Truncator
from pydantic import BaseModel

from wagtail_live_lms.blocks import question_types
from wagtail_live_lms.grading import Question, answers_schema, load_questions

from .quizzes import QuizVersion

KEPT_PAPERS = 256
_BREAK = re.compile(r"</(?:p|li|pre|div|h[1-6])>|<br\b[^>]*>")


@dataclass(frozen=True, eq=False)
class Paper:
    """Questions in the order an editor gave them, and what may be answered."""

    questions: tuple[Question, ...]

    @cached_property
    def by_id(self) -> dict[str, Question]:
        return {question.id: question for question in self.questions}

    @cached_property
    def answerable(self) -> dict[str, Question]:
        """Questions that take a response, by id."""
        return {q.id: q for q in self.questions if q.takes_response}

    @cached_property
    def schema(self) -> type[BaseModel]:
        """What a student may send: one field per question."""
        return answers_schema(self.questions)


def read_paper(questions: Iterable[dict[str, Any]]) -> Paper:
    """Questions as a StreamField stores them. Raises ValueError if they are wrong."""
    custom = {
        kind: block for kind, block in question_types.items() if getattr(block, "grade", None)
    }
    return Paper(load_questions(list(questions), custom=custom))


class PaperShelf:
    """The papers used last, by their digest: the same content is parsed once per process."""

    def __init__(self, size: int = KEPT_PAPERS) -> None:
        self._size = size
        self._papers: OrderedDict[str, Paper] = OrderedDict()
        self._lock = Lock()

    def get(self, version: QuizVersion) -> Paper:
        """The paper of a version, whose content may be deferred."""
        with self._lock:
            paper = self._papers.get(version.digest)
            if paper is not None:
                self._papers.move_to_end(version.digest)
                return paper
        paper = read_paper(version.content)
        with self._lock:
            self._papers[version.digest] = paper
            while len(self._papers) > self._size:
                self._papers.popitem(last=False)
        return paper

    def clear(self) -> None:
        """Forget all, as after a question type was registered anew."""
        with self._lock:
            self._papers.clear()


shelf = PaperShelf()


def paper_of(version: QuizVersion) -> Paper:
    """The questions of a version, parsed at most once per process."""
    return shelf.get(version)


def plain(text: str) -> str:
    """Rich text without its marks."""
    return " ".join(html.unescape(strip_tags(_BREAK.sub(" ", text))).split())


def title_of(question: Question) -> str:
    """A question in one line."""
    return Truncator(plain(question.text)).chars(140)
