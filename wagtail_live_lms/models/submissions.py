"""What students answered, and how it was graded."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .enrolments import Enrolment
from .postings import Posting
from .quizzes import Quiz, QuizVersion


class SubmissionState(models.TextChoices):
    """How far an attempt is."""

    OPEN = "open", _("In progress")
    SUBMITTED = "submitted", _("Handed in, waiting to be graded")
    EXPIRED = "expired", _("Out of time, waiting to be graded")
    GRADED = "graded", _("Graded")
    POSTED = "posted", _("Graded and posted")


class Outcome(models.TextChoices):
    """What an answer is worth."""

    CORRECT = "correct", _("Correct")
    PARTIAL = "partial", _("Partly correct")
    INCORRECT = "incorrect", _("Incorrect")
    PENDING = "pending", _("Waiting to be graded")


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Attempts."""

    def open(self) -> "SubmissionQuerySet":
        """Attempts under way, those whose time is over included."""
        return self.filter(state=SubmissionState.OPEN)

    def ended(self) -> "SubmissionQuerySet":
        """Attempts that were handed in or ran out of time."""
        return self.exclude(state=SubmissionState.OPEN)

    def with_quiz(self) -> "SubmissionQuerySet":
        """With quiz, module, enrolment and version in one query, but not what is long in them."""
        whole = self.select_related("quiz__module", "enrolment", "version")
        return whole.defer("quiz__introduction", "quiz__questions", "version__content")

    def to_answer(self) -> "SubmissionQuerySet":
        """With what saving answers and handing in ask about an attempt, and nothing else."""
        return self.select_related("quiz", "version", "enrolment").only(
            *("number", "state", "deadline"),
            *("quiz__course_id", "quiz__submissions_per_hour"),
            *("version__digest", "enrolment__user_id"),
        )

    def graded(self) -> "SubmissionQuerySet":
        """Attempts with a result. One that waits to be posted has none yet."""
        return self.filter(score__isnull=False)

    def unposted(self) -> "SubmissionQuerySet":
        """Ended attempts that have something which their students were not given."""
        drafts = Answer.objects.filter(submission=OuterRef("pk"), drafted_at__isnull=False)
        return self.ended().filter(Q(score=None) | Exists(drafts))

    def to_post(self) -> "SubmissionQuerySet":
        """Attempts that are graded completely, not all of it posted, and not being posted."""
        whole = self.unposted().filter(state__in=[SubmissionState.GRADED, SubmissionState.POSTED])
        return whole.exclude(posting__isnull=False, posting__released_at=None)


class Submission(models.Model):
    """A student's attempt at a quiz: `open -> submitted | expired -> graded -> posted`.

    Without an answer that a person must grade, the end and the grading are one step. Score,
    percentage and pass are what the student was given: where grades are posted by hand, a graded
    attempt has none of them until then.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="submissions")
    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="submissions")
    version = models.ForeignKey(QuizVersion, on_delete=models.PROTECT, related_name="submissions")
    graded_version = models.ForeignKey(
        QuizVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    number = models.PositiveIntegerField(_("attempt"))
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=SubmissionState.choices,
        default=SubmissionState.OPEN,
    )
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    deadline = models.DateTimeField(_("deadline"), null=True, blank=True)
    ended_at = models.DateTimeField(_("handed in"), null=True, blank=True)
    is_expired = models.BooleanField(_("ran out of time"), default=False)
    order_seed = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, blank=True)
    is_repeat = models.BooleanField(default=False)
    score = models.DecimalField(_("points"), max_digits=8, decimal_places=2, null=True, blank=True)
    maximum = models.DecimalField(
        _("points at most"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    percent = models.DecimalField(
        _("score in per cent"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    passed = models.BooleanField(_("passed"), null=True, blank=True)
    counts = models.BooleanField(default=False)
    posting = models.ForeignKey(
        Posting, on_delete=models.SET_NULL, null=True, blank=True, related_name="submissions"
    )
    revision = models.PositiveIntegerField(default=0)

    objects = SubmissionQuerySet.as_manager()

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "quiz"],
                condition=Q(state="open"),
                name="live_lms_one_open_attempt",
            ),
            models.UniqueConstraint(
                fields=["enrolment", "quiz", "number"], name="live_lms_attempt_once"
            ),
        ]
        indexes = [
            models.Index(fields=["quiz", "-ended_at"], name="live_lms_attempts_of_quiz"),
            models.Index(
                fields=["quiz", "deadline"],
                condition=Q(state="open"),
                name="live_lms_attempts_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment.display_name}: {self.quiz}, attempt {self.number}"

    @property
    def is_open(self) -> bool:
        return self.state == SubmissionState.OPEN

    @property
    def is_graded(self) -> bool:
        """Whether it has a result. One that waits to be posted has none yet."""
        return self.score is not None

    @property
    def is_to_post(self) -> bool:
        """Whether it is graded completely, and its student does not know."""
        return self.state == SubmissionState.GRADED and self.score is None

    @property
    def is_withheld(self) -> bool:
        """Whether its student may see nothing of its result, not even a part, before it is posted.

        Where results are given automatically, what a key judged is shown while a person grades
        the rest.
        """
        if self.is_open or self.is_graded:
            return False
        return self.state == SubmissionState.GRADED or self.quiz.is_posted_by_hand

    @property
    def is_being_posted(self) -> bool:
        """Whether it is held until its posting is released or undone."""
        return self.posting is not None and self.posting.is_held

    @property
    def is_waiting(self) -> bool:
        """Whether a person still has to grade a part of it."""
        return self.state in (SubmissionState.SUBMITTED, SubmissionState.EXPIRED)


class Answer(models.Model):
    """A student's response to one question, with its result once it is graded.

    What a person gave and has not posted is in the `draft` fields; no student sees those.
    """

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="answers")
    question_id = models.CharField(max_length=36)
    response = models.JSONField(null=True, blank=True)
    sequence = models.PositiveBigIntegerField(default=0)
    saved_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    points = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    maximum = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    comment = models.TextField(blank=True)
    graded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    graded_at = models.DateTimeField(null=True, blank=True)
    draft_points = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    draft_comment = models.TextField(blank=True)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    drafted_at = models.DateTimeField(null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "question_id"], name="live_lms_answer_once"
            )
        ]
        indexes = [
            models.Index(fields=["question_id"], name="live_lms_answers_of_question"),
            models.Index(
                fields=["submission"],
                condition=Q(drafted_at__isnull=False),
                name="live_lms_answers_drafted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id} in {self.submission_id}"

    @property
    def is_graded_by_hand(self) -> bool:
        return self.graded_at is not None

    @property
    def is_draft(self) -> bool:
        """Whether a person gave something that is not posted."""
        return self.drafted_at is not None

    @property
    def is_undecided(self) -> bool:
        """Whether a person still has to grade it."""
        return self.outcome == Outcome.PENDING and not self.is_draft


class QuizStanding(models.Model):
    """One student's attempts at one quiz summed up, so that no dashboard reads attempts.

    Changes in the same transaction as what it sums up. `percent` is the score that counts,
    `refused_count` how often the student handed in too soon after another attempt.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="standings")
    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="standings")
    attempt_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)
    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    passed = models.BooleanField(default=False)
    last_number = models.PositiveIntegerField(default=0)
    last_state = models.CharField(max_length=10, choices=SubmissionState.choices)
    last_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    last_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("quiz result")
        verbose_name_plural = _("quiz results")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "quiz"], name="live_lms_standing_once")
        ]

    def __str__(self) -> str:
        return f"{self.enrolment.display_name}: {self.quiz}"
