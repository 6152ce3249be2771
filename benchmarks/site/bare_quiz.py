"""The floors of a quiz: a view that inserts an attempt with its answers, and one that updates one.

They stand behind the same middleware, check that somebody is logged in and the CSRF token, write
in one transaction, and answer nothing.
"""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from wagtail_live_lms.models import Answer, Enrolment, QuizVersion, Submission


@require_POST
@csrf_protect
@transaction.atomic
def submit(request: HttpRequest) -> HttpResponse:
    """Insert one submission row and one row for each answer."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    quiz_id = int(request.POST["quiz_id"])
    version = QuizVersion.objects.defer("content").get(quiz=quiz_id)
    enrolment = Enrolment.objects.get(user=request.user)
    submission = Submission.objects.create(
        enrolment=enrolment,
        quiz_id=quiz_id,
        version=version,
        number=timezone.now().timestamp() % 1e9,
        state="graded",
        order_seed="",
    )
    Answer.objects.bulk_create(
        Answer(submission=submission, question_id=name.removeprefix("answer-"), response=value)
        for name, value in request.POST.items()
        if name.startswith("answer-")
    )
    return HttpResponse(status=200)


@require_POST
@csrf_protect
@transaction.atomic
def save(request: HttpRequest) -> HttpResponse:
    """Update one answer's row."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    Answer.objects.filter(
        submission__enrolment__user=request.user, question_id=request.POST["question"]
    ).update(response=request.POST["response"], saved_at=timezone.now())
    return HttpResponse(status=200)
