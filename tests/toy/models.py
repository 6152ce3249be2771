"""Two tables: rooms with members, and the notes in them."""

from django.conf import settings
from django.db import models


class Room(models.Model):
    name = models.CharField(max_length=100)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True)

    def __str__(self) -> str:
        return self.name


class Note(models.Model):
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="notes")
    text = models.CharField(max_length=200)
    version = models.IntegerField(default=1)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text
