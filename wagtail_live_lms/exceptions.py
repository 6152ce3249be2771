"""Refusals of the domain, in the runtime's terms so that every transport can translate them.

LiveError
├── Conflict      409  ModuleArchived, NotInOrder, WrongCompletionRule, EnrolmentClosed,
│                      NotEnrolled, QuizNotOpen, QuizClosed, NoAttemptsLeft, AttemptEnded,
│                      TimeIsUp, QuizBroken, KeyChanged, GradedMeanwhile, GradedByKey
└── NotFound      404  raised by `access.py`
"""

from django.utils.translation import gettext_lazy as _

from wagtail_live_lms.live.exceptions import Conflict


class ModuleArchived(Conflict):
    """The module is no longer taught."""

    code = "module_archived"
    message = _("This module is no longer part of the course. Reload the page.")


class NotInOrder(Conflict):
    """The course is taken in order, and an earlier module is not finished."""

    code = "not_in_order"
    message = _("Finish the modules before this one first.")


class WrongCompletionRule(Conflict):
    """The module is completed in another way."""

    code = "wrong_completion_rule"
    message = _("This module is not completed by hand. Open it to see what completes it.")


class EnrolmentClosed(Conflict):
    """Only staff enrols people in this course."""

    code = "enrolment_closed"
    message = _("You cannot join this course by yourself. Ask your instructor to enrol you.")


class NotEnrolled(Conflict):
    """The person does not take this course."""

    code = "not_enrolled"
    message = _("You are not enrolled in this course. Join it, or ask your instructor.")


class QuizNotOpen(Conflict):
    """The quiz opens later."""

    code = "quiz_not_open"
    message = _("This quiz is not open yet. Reload the page when it opens.")


class QuizClosed(Conflict):
    """The quiz takes no more attempts."""

    code = "quiz_closed"
    message = _("This quiz is closed. Ask your instructor if you need another chance.")


class NoAttemptsLeft(Conflict):
    """The student has used all attempts."""

    code = "no_attempts_left"
    message = _("You have used all your attempts at this quiz.")


class AttemptEnded(Conflict):
    """The attempt was handed in, or its time was over."""

    code = "attempt_ended"
    message = _("This attempt has been handed in already. Reload the page to see its result.")


class TimeIsUp(Conflict):
    """An answer came after the deadline."""

    code = "time_is_up"
    message = _("The time is up. What was saved before counts. Reload the page to see the result.")


class QuizBroken(Conflict):
    """The quiz's questions cannot be read."""

    code = "quiz_broken"
    message = _("This quiz has a mistake and cannot be taken. Tell your instructor.")


class KeyChanged(Conflict):
    """The quiz was published again since somebody looked at what grading anew would change."""

    code = "key_changed"
    message = _("The quiz was published again meanwhile. Review the changes once more.")


class GradedMeanwhile(Conflict):
    """Somebody else graded the answer since this person looked at it."""

    code = "graded_meanwhile"


class GradedByKey(Conflict):
    """The answer is not for a person to grade."""

    code = "graded_by_key"
    message = _("This answer is graded by its key. Change the key to grade it otherwise.")
