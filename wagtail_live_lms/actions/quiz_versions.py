"""Keeping the questions as students got them."""

import hashlib
import json
import logging
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from wagtail_live_lms.exceptions import QuizBroken
from wagtail_live_lms.models import Paper, Quiz, QuizVersion, read_paper

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Key:
    """What a quiz's answers are judged by: questions and pass mark as they are published now.

    `digest` is that of the version which holds them, made already or not.
    """

    paper: Paper
    pass_mark: int
    digest: str


def published_key(quiz: Quiz) -> Key:
    """The key of the quiz as it is published now; writes nothing. Raises QuizBroken."""
    content, digest = _content(quiz)
    return Key(_check(quiz, content), quiz.pass_mark, digest)


def freeze_quiz(quiz: Quiz) -> QuizVersion:
    """The version of the quiz as it is published now, made if there is none.

    Raises QuizBroken for questions that cannot be read; the reason is logged.
    """
    content, digest = _content(quiz)
    with transaction.atomic():
        latest = latest_version(quiz)
        if latest is not None and latest.digest == digest:
            return latest
        _check(quiz, content)
        return QuizVersion.objects.create(
            quiz=quiz,
            number=latest.number + 1 if latest else 1,
            content=content,
            pass_mark=quiz.pass_mark,
            digest=digest,
        )


def latest_version(quiz: Quiz) -> QuizVersion | None:
    """The version made last, without its content."""
    versions = QuizVersion.objects.select_for_update().filter(quiz=quiz)
    return versions.order_by("-number").defer("content").first()


def _content(quiz: Quiz) -> tuple[list[dict[str, Any]], str]:
    text = json.dumps(quiz.question_data, cls=DjangoJSONEncoder, sort_keys=True)
    identity = f"{quiz.pk}:{quiz.pass_mark}:{text}"
    return json.loads(text), hashlib.sha256(identity.encode()).hexdigest()


def _check(quiz: Quiz, content: list[dict[str, Any]]) -> Paper:
    try:
        paper = read_paper(content)
    except ValueError as error:
        logger.error("Quiz %s (%s) cannot be taken: %s", quiz.pk, quiz, error)
        raise QuizBroken from error
    if not paper.answerable:
        logger.error("Quiz %s (%s) cannot be taken: it has no question", quiz.pk, quiz)
        raise QuizBroken
    return paper
