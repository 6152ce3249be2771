"""The runtime's two tables: a sequence per topic and the log of what changed."""

import uuid

from django.db import models
from django.utils import timezone


class LiveTopic(models.Model):
    """A stream of changes. Its row lock makes commit order equal sequence order."""

    name = models.CharField(max_length=90, primary_key=True)
    epoch = models.UUIDField(default=uuid.uuid4, editable=False)
    seq = models.BigIntegerField(default=0)

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"{self.name} at {self.seq}"


class LiveChange(models.Model):
    """What changed at a sequence number: a kind and the id of the row to read again."""

    topic = models.CharField(max_length=90)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=30)
    object_id = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    wagtail_reference_index_ignore = True

    class Meta:
        indexes = [models.Index(fields=["topic", "seq"], name="live_lms_change_topic_seq")]

    def __str__(self) -> str:
        return f"{self.topic} {self.seq}: {self.kind} {self.object_id}"
