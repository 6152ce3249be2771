"""The floor of a completion: the fewest statements that write the same rows, and a group_send."""

from datetime import UTC, datetime

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from wagtail_live_lms.components.instructor_dashboard import FOLDER
from wagtail_live_lms.components.roster import RosterRecord
from wagtail_live_lms.models import (
    CourseTotals,
    Enrolment,
    LiveChange,
    LiveTopic,
    Module,
    Progress,
    percentage,
)

from .stock import group_of


@require_POST
@csrf_protect
def complete(request: HttpRequest) -> HttpResponse:
    """Complete a module: no rights, rules, totals from scratch or response body."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    module = Module.objects.get(pk=request.POST["module_id"])
    with transaction.atomic():
        enrolment, totals = _write_progress(request.user.pk, module)
        _write_changes(enrolment)
    text = row_html(enrolment, totals.module_count)
    message = {"type": "row.changed", "text": text}
    async_to_sync(get_channel_layer().group_send)(group_of(module.course_id), message)
    return HttpResponse(status=200)


def row_html(enrolment: Enrolment, module_count: int) -> str:
    """The dashboard's own row, so that both send the same text."""
    context = {"record": RosterRecord(enrolment), "module_count": module_count, "modules": []}
    return render_to_string(f"{FOLDER}/table_row.html", context)


def _write_progress(user_id: int, module: Module) -> tuple[Enrolment, CourseTotals]:
    totals = CourseTotals.objects.get(pk=module.course_id)
    enrolment = Enrolment.objects.get(course=module.course_id, user=user_id)
    Progress.objects.create(enrolment=enrolment, module=module, source="page")
    before = enrolment.percent
    enrolment.completed_count += 1
    enrolment.percent = percentage(enrolment.completed_count, totals.module_count)
    enrolment.last_activity = datetime.now(UTC)
    enrolment.version += 1
    enrolment.save(update_fields=["completed_count", "percent", "last_activity", "version"])
    totals.percent_sum += enrolment.percent - before
    totals.finished_count += enrolment.is_finished
    totals.save(update_fields=["percent_sum", "finished_count"])
    return enrolment, totals


def _write_changes(enrolment: Enrolment) -> None:
    names = [f"instructor-{enrolment.course_id}", f"student-{enrolment.user_id}"]
    LiveTopic.objects.filter(name__in=names).update(seq=F("seq") + 1)
    sequences = dict(LiveTopic.objects.filter(name__in=names).values_list("name", "seq"))
    LiveChange.objects.bulk_create(
        LiveChange(topic=name, seq=seq, kind="enrolment", object_id=enrolment.pk)
        for name, seq in sequences.items()
    )
