"""Refusals of the domain, in the runtime's terms so that every transport can translate them.

LiveError
├── NotAuthenticated  401  TokenMissing, TokenUnknown, TokenExpired, TokenRevoked,
│                          AccountInactive
├── PermissionDenied  403  WrongScope
├── Conflict          409  ModuleArchived, NotInOrder, WrongCompletionRule, EnrolmentClosed,
│                          NotEnrolled, TooManyTokens, QuizNotOpen, QuizClosed,
│                          NoAttemptsLeft, AttemptEnded, TimeIsUp, QuizBroken, KeyChanged,
│                          GradedMeanwhile, GradedByKey, BeingPosted, NotReadyToPost,
│                          NothingToPost, PostingIsOver, UnknownPushService,
│                          HelpNotOffered, AnsweredMeanwhile, NotAnInstructor
├── NotFound          404  raised by `access.py`; UnknownUser
├── InvalidInput      422  KeyReused
└── PairingError      400  AuthorizationPending, SlowDown, PairingExpired, AccessDenied
"""

from django.utils.translation import gettext_lazy as _

from wagtail_live_lms.live.exceptions import (
    Conflict,
    InvalidInput,
    LiveError,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
)


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


class UnknownPushService(Conflict):
    """No browser has such an address, or the site does not push to it."""

    code = "unknown_push_service"
    message = _("This browser cannot be notified by this site.")


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


class HelpNotOffered(Conflict):
    """The course does not take requests for help."""

    code = "help_not_offered"
    message = _("You cannot ask for help here. Ask your instructor in another way.")


class AnsweredMeanwhile(Conflict):
    """The request was answered or withdrawn, or the alert settled, before this arrived."""

    code = "answered_meanwhile"
    message = _("This was settled meanwhile. Nothing was sent.")


class NotAnInstructor(Conflict):
    """An alert is handed only to those who teach the course."""

    code = "not_an_instructor"
    message = _("This person does not teach the course. Reload the page.")


class BeingPosted(Conflict):
    """The grade was posted a moment ago and has not reached its student."""

    code = "being_posted"
    message = _("This grade is being posted. Undo that to change it, or wait a moment.")


class NotReadyToPost(Conflict):
    """Something that was chosen is not graded completely, or posted already."""

    code = "not_ready_to_post"
    message = _(
        "Nothing was posted: some of the chosen attempts are not graded completely, or somebody "
        "has posted them meanwhile. Look at the list again."
    )


class NothingToPost(Conflict):
    """No attempt has a grade that waits to be posted."""

    code = "nothing_to_post"
    message = _("There is nothing to post. Grades appear here when an attempt is graded.")


class PostingIsOver(Conflict):
    """The grades have reached their students."""

    code = "posting_is_over"
    message = _(
        "It is too late to undo: the students have their results. Grade an answer anew and post "
        "it to correct one."
    )


class KeyReused(InvalidInput):
    """The idempotency key belongs to a report that said something else."""

    code = "idempotency_key_reused"
    message = _("This Idempotency-Key was used for another report. Use a new one for each.")


# Tokens of programs


class TokenMissing(NotAuthenticated):
    """No token came along."""

    code = "token_missing"
    message = _("Send your token in the header “Authorization: Bearer …”.")


class TokenUnknown(NotAuthenticated):
    """There is no such token, or it was mistyped."""

    code = "token_unknown"
    message = _("This token is not known here. Copy it again, or connect Jupyter anew.")


class TokenExpired(NotAuthenticated):
    """The token was valid once."""

    code = "token_expired"
    message = _("This token has expired. Connect Jupyter anew, or restart it in your hub.")


class TokenRevoked(NotAuthenticated):
    """Its owner took the token back."""

    code = "token_revoked"
    message = _("This token was revoked. Connect Jupyter anew to get another.")


class AccountInactive(NotAuthenticated):
    """The person's account is closed."""

    code = "account_inactive"
    message = _("This account is closed. Ask the people who run the site.")


class WrongScope(PermissionDenied):
    """The token is meant for something else."""

    code = "wrong_scope"
    message = _("This token is not meant for this. Use a token with the right scope.")


class TooManyTokens(Conflict):
    """The person has as many valid tokens as one may have."""

    code = "too_many_tokens"
    message = _("You have too many tokens. Revoke those that you no longer use.")


class UnknownUser(NotFound):
    """Nobody with an open account has this user name; told only to hubs."""

    code = "unknown_user"
    message = _("Nobody with an open account has this user name.")


# Pairing; the codes are those of RFC 8628, section 3.5


class PairingError(LiveError):
    """The token of a pairing cannot be collected."""

    status = 400


class AuthorizationPending(PairingError):
    """The person has not decided yet."""

    code = "authorization_pending"
    message = _("Waiting for the code to be confirmed in the browser.")


class SlowDown(PairingError):
    """The program asks too often."""

    code = "slow_down"
    message = _("Wait longer between two questions.")


class PairingExpired(PairingError):
    """The pairing is over, its token was collected, or it never was."""

    code = "expired_token"
    message = _("The code is no longer valid. Begin anew.")


class AccessDenied(PairingError):
    """The person refused."""

    code = "access_denied"
    message = _("The connection was refused in the browser.")
