"""A text that an editor pastes or has in a file: shown before anything is stored."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

MAX_BYTES = 1_000_000


class TextOrFileForm(forms.Form):
    """Has the fields `file` and `text`, of which one is needed; `source` is what was given."""

    missing: Any = ""
    """What to say when neither is there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        upload = cleaned.get("file")
        self.source = decoded(upload) if upload else cleaned.get("text", "")
        if not self.source.strip():
            raise ValidationError(str(self.missing))
        return cleaned

    def with_text(self) -> "TextOrFileForm":
        """The form with the file's text in its field: a browser sends no file again."""
        if self.source:
            data: Any = self.data.copy()  # type: ignore[attr-defined]
            data["text"] = self.source
            self.data = data
        return self


def decoded(upload: Any) -> str:
    """A file's text. Raises ValidationError where it is too long, or is no text."""
    if upload.size > MAX_BYTES:
        raise ValidationError({"file": gettext("The file is larger than one megabyte.")})
    try:
        return str(upload.read().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        message = gettext("The file is no text in UTF-8. Save it as UTF-8 and try again.")
        raise ValidationError({"file": message}) from error
