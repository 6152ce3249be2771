"""What a person was told, in every page and tab, until they dismiss it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from wagtail_live_lms import access, actions
from wagtail_live_lms.actions.changes import INBOX, NOTIFICATION
from wagtail_live_lms.live import (
    RESNAPSHOT,
    Component,
    Fragment,
    IsAuthenticated,
    Message,
    RowId,
    personal_topic,
    registry,
)
from wagtail_live_lms.live.topics import parse_since
from wagtail_live_lms.models import Notification

TEMPLATES = "wagtail_live_lms/grade_notification"

SHOWN = 20
"""Notices listed at once; older ones follow as these are dismissed."""


@registry.register("grade_notification")
class GradeNotification(Component):
    """A bell with the number of unread notices, and the notices, the newest first.

    With `course_id`, those of that course. With `menu`, a button for a page's header whose list
    opens below it.
    """

    template_name = f"{TEMPLATES}/component.html"
    permission_classes = (IsAuthenticated,)

    def mount(self, course_id: RowId | None = None, menu: bool = False) -> None:
        actions.release_due(course_id)  # the process that was to do it may have died
        notices = access.get_notifications_for(self.user, course_id)
        shown = list(notices[: SHOWN + 1])
        is_all = len(shown) <= SHOWN
        self.state = {
            "notices": shown[:SHOWN],
            "older": 0 if is_all else notices.count() - SHOWN,
            "unread": _unread(shown) if is_all else notices.filter(read_at=None).count(),
            "show_scores": access.get_notification_settings_for(self.user).show_scores,
            "position": self._position(),
        }

    def topics(self) -> list[str]:
        return [personal_topic(self.user.pk)]

    def on_dismiss(self, notification_id: RowId) -> None:
        actions.dismiss_notification(access.get_notification_for(self.user, notification_id))
        self.notice = _("Dismissed.")

    def on_dismiss_all(self, up_to: RowId | None = None) -> None:
        actions.dismiss_notifications(self.user, course_id=self._course_id, up_to=up_to)
        self.notice = _("All dismissed.")

    def on_mark_read(
        self, notification_id: RowId | None = None, up_to: RowId | None = None
    ) -> None:
        if notification_id is not None:
            actions.mark_read(access.get_notification_for(self.user, notification_id))
            return
        actions.mark_all_read(self.user, course_id=self._course_id, up_to=up_to)
        self.notice = _("All marked as read.")

    @classmethod
    def load_changes(cls, topic: str, kind: str, ids: list[int]) -> Mapping[int, Notification]:
        return cls.load_changes_of(kind, {topic: ids}).get(topic, {})

    @classmethod
    def load_changes_of(
        cls, kind: str, ids: Mapping[str, list[int]]
    ) -> Mapping[str, Mapping[int, Notification]]:
        if kind != NOTIFICATION:
            return {}
        asked = [notice_id for some in ids.values() for notice_id in some]
        found = Notification.objects.filter(pk__in=asked).select_related("course")
        by_id = {notice.pk: notice for notice in found}
        return {topic: _own(topic, some, by_id) for topic, some in ids.items()}

    def on_ws_message(self, message: Message) -> Any:
        if message.kind == INBOX:
            return RESNAPSHOT
        record = message.record
        if message.kind != NOTIFICATION or record is None:
            return ()
        if self._course_id not in (None, record.course_id):
            return ()
        listed = self.state["notices"]
        others = [notice for notice in listed if notice.pk != record.pk]
        is_new = len(others) == len(listed) and not record.dismissed_at
        if self._needs_reading(record, is_new=is_new):
            return RESNAPSHOT
        kept = others if record.dismissed_at else [record, *others]
        kept.sort(key=lambda notice: -notice.pk)
        self.state |= {"notices": kept, "unread": _unread(kept), "position": message.seq}
        return self._patches(record, is_new=is_new)

    def _needs_reading(self, record: Notification, *, is_new: bool) -> bool:
        """Whether what is listed does not tell what follows, or where the notice belongs."""
        listed = self.state["notices"]
        is_late = is_new and bool(listed) and record.pk < listed[0].pk
        return bool(self.state["older"]) or len(listed) == SHOWN or is_late

    def _patches(self, record: Notification, *, is_new: bool) -> Iterable[Fragment]:
        """The notice alone, not the list, which may be long: a whole class may be told at once."""
        notice = f"notice-{record.pk}"
        yield self.fragment("bell", f"{TEMPLATES}/bell.html", for_all=True)
        template = f"{TEMPLATES}/notice.html"
        yield self.fragment(notice, template, for_all=True, notice=record, is_new=is_new)
        yield self.fragment("foot", f"{TEMPLATES}/foot.html", for_all=True)

    @property
    def _course_id(self) -> int | None:
        course_id: int | None = self.params["course_id"]
        return course_id

    def _position(self) -> int:
        """How far the state is at least, so that nothing older replaces what is shown."""
        told = parse_since(self.since).get(personal_topic(self.user.pk))
        return told.seq if told else 0


def _own(
    topic: str, ids: Iterable[int], notices: Mapping[int, Notification]
) -> dict[int, Notification]:
    """Whatever a topic says: nobody is shown a notice that is not theirs."""
    found = (notices[notice_id] for notice_id in ids if notice_id in notices)
    return {notice.pk: notice for notice in found if personal_topic(notice.user_id) == topic}


def _unread(notices: Iterable[Notification]) -> int:
    return sum(notice.is_unread for notice in notices)
