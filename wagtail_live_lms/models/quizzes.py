"""Quizzes as editors write them, and what of them students answered."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.fields import RichTextField, StreamField
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    PreviewableMixin,
    RevisionMixin,
    WorkflowMixin,
)
from wagtail.search import index

from wagtail_live_lms.blocks import QuestionStreamBlock
from wagtail_live_lms.blocks.questions import TEXT_FEATURES

from .courses import CompletionRule, Course, Module
from .quiz_checks import check_quiz


class AttemptRule(models.TextChoices):
    """Which attempt's score counts."""

    BEST = "best", _("The best")
    LAST = "last", _("The last")
    FIRST = "first", _("The first")
    AVERAGE = "average", _("The average of all")


class FeedbackTime(models.TextChoices):
    """When something about a result may be seen."""

    AT_ONCE = "at_once", _("At once")
    AFTER_PASSING = "after_passing", _("After passing")
    AFTER_CLOSING = "after_closing", _("After the quiz has closed")
    NEVER = "never", _("Never")


class FeedbackDetail(models.TextChoices):
    """What feedback shows, beside the score that is always shown."""

    RESULTS = "results", _("Whether each answer is right")
    FEEDBACK = "feedback", _("Whether each answer is right, with feedback and explanation")


class PostingMode(models.TextChoices):
    """When students see results."""

    AUTOMATIC = "automatic", _("As soon as an attempt is graded")
    MANUAL = "manual", _("When an instructor posts them")


class PreviewMode(models.TextChoices):
    """What an editor's preview shows."""

    BEFORE = "", _("Before it is handed in")
    RIGHT = "right", _("Handed in, every answer right")
    WRONG = "wrong", _("Handed in, every answer wrong")


class QuestionsField(StreamField):
    """Questions of any registered type. No migration lists the types: a site adds its own."""

    def __init__(self, block_types: Any = None, **kwargs: Any) -> None:
        kwargs.pop("block_lookup", None)
        super().__init__(QuestionStreamBlock(), **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, _args, kwargs = super().deconstruct()
        kwargs.pop("block_lookup", None)
        return name, path, [], kwargs


class QuizQuerySet(models.QuerySet["Quiz"]):
    """Quizzes of courses."""

    def live(self) -> "QuizQuerySet":
        """Quizzes that are published."""
        return self.filter(live=True)


class Quiz(
    WorkflowMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    PreviewableMixin,
    index.Indexed,
    models.Model,
):
    """Questions, and the rules under which students of one course answer them."""

    title = models.CharField(_("title"), max_length=200)
    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, related_name="quizzes", verbose_name=_("course")
    )
    module = models.ForeignKey(
        Module,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="quizzes",
        verbose_name=_("module"),
        help_text=_("Passing the quiz completes this module."),
    )
    introduction = RichTextField(_("introduction"), blank=True, features=TEXT_FEATURES)
    questions: Any = QuestionsField(verbose_name=_("questions"), blank=True)

    pass_mark = models.PositiveSmallIntegerField(
        _("pass mark in per cent"), default=60, validators=[MaxValueValidator(100)]
    )
    attempts_allowed = models.PositiveSmallIntegerField(
        _("attempts allowed"), default=0, help_text=_("0: as many as a student likes.")
    )
    attempt_rule = models.CharField(
        _("attempt that counts"),
        max_length=10,
        choices=AttemptRule.choices,
        default=AttemptRule.BEST,
    )
    submissions_per_hour = models.PositiveSmallIntegerField(
        _("submissions per hour"),
        default=3,
        help_text=_("A student who guesses has to wait; answers stay saved. 0: no limit."),
    )
    time_limit = models.PositiveIntegerField(
        _("time limit in minutes"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(7 * 24 * 60)],
        help_text=_("From the start of an attempt. Empty: no limit."),
    )
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True)
    closes_at = models.DateTimeField(
        _("closes"),
        null=True,
        blank=True,
        help_text=_("Attempts under way end then, even if their time limit is not over."),
    )
    shuffle_questions = models.BooleanField(_("shuffle the questions"), default=False)
    shuffle_choices = models.BooleanField(
        _("shuffle the choices"),
        default=True,
        help_text=_("A choice can be kept last, and a question can keep its order."),
    )
    feedback_detail = models.CharField(
        _("feedback shows"),
        max_length=10,
        choices=FeedbackDetail.choices,
        default=FeedbackDetail.FEEDBACK,
    )
    feedback_time = models.CharField(
        _("feedback is shown"),
        max_length=15,
        choices=FeedbackTime.choices,
        default=FeedbackTime.AT_ONCE,
    )
    answers_time = models.CharField(
        _("correct answers are shown"),
        max_length=15,
        choices=FeedbackTime.choices,
        default=FeedbackTime.AFTER_PASSING,
    )
    posting = models.CharField(
        _("results are given"),
        max_length=10,
        choices=PostingMode.choices,
        default=PostingMode.AUTOMATIC,
    )
    undo = models.BooleanField(
        _("posting can be undone"),
        default=False,
        help_text=_("Posted grades reach students after 30 seconds; until then, nothing is sent."),
    )

    objects = QuizQuerySet.as_manager()

    search_fields = [
        index.SearchField("title", boost=2),
        index.AutocompleteField("title"),
        index.FilterField("course_id"),
    ]

    class Meta:
        verbose_name = _("quiz")
        verbose_name_plural = _("quizzes")
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        super().clean()
        if self.opens_at and self.closes_at and self.opens_at >= self.closes_at:
            raise ValidationError({"closes_at": _("Choose a time after the opening.")})
        if self.module_id and self.course_id:
            self._check_module()

    def _check_module(self) -> None:
        if self.module is None or self.module.course_id != self.course_id:
            raise ValidationError({"module": _("Choose a module of the quiz's course.")})
        if self.module.completion_rule != CompletionRule.QUIZ_PASSED:
            message = _("Set this module's “Completed by” to “Passing its quiz” in the course.")
            raise ValidationError({"module": message})

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        return list(PreviewMode.choices)

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return "wagtail_live_lms/quiz/preview.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        context = super().get_preview_context(request, mode_name)
        return {**context, "quiz": self, "mode": mode_name, "page_title": self.title}

    def publish(self, revision: Any, *args: Any, **kwargs: Any) -> Any:
        """Publish or schedule a revision. Raises ValidationError if its check finds an error.

        One that was scheduled was checked then.
        """
        if revision.approved_go_live_at is None:
            revision.as_object().check_is_ready()
        return super().publish(revision, *args, **kwargs)

    def check_is_ready(self) -> None:
        """Raises ValidationError if something must be put right before students see it."""
        if any(finding.is_error for finding in check_quiz(self)):
            raise ValidationError(
                _("“%(quiz)s” has errors and cannot be published. Edit it to see them."),
                code="not_ready",
                params={"quiz": self.title},
            )

    @property
    def is_posted_by_hand(self) -> bool:
        """Whether results wait for an instructor to post them."""
        return self.posting == PostingMode.MANUAL

    @property
    def is_open(self) -> bool:
        """Whether an attempt may begin now, as far as the time goes."""
        return not self.is_early and not self.is_closed

    @property
    def is_early(self) -> bool:
        return self.opens_at is not None and timezone.now() < self.opens_at

    @property
    def is_closed(self) -> bool:
        return self.closes_at is not None and timezone.now() >= self.closes_at

    @cached_property
    def question_data(self) -> list[dict[str, Any]]:
        """The questions as they are stored: `type`, `id` and `value` of each."""
        return [dict(item) for item in self.questions.get_prep_value()]


class QuizVersion(models.Model):
    """The questions as students got them, kept for good: no edit of the quiz changes them."""

    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now)
    content = models.JSONField()
    pass_mark = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["quiz", "number"], name="live_lms_quiz_version_once"),
            models.CheckConstraint(
                condition=Q(pass_mark__lte=100), name="live_lms_pass_mark_to_100"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quiz}, version {self.number}"
