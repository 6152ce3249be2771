"""The pages that components stand on: whoever may not see one may not see its parts."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

Check = Callable[[HttpRequest, int], Any]


class Places:
    """How a page's own rules are asked; the runtime knows no pages."""

    def __init__(self) -> None:
        self._check: Check | None = None

    def declare(self, check: Check) -> None:
        """`check(request, page)` raises a LiveError where the page may not be seen."""
        self._check = check

    def check(self, request: HttpRequest, page: int | None) -> None:
        """Raises what the declared check raises; a component on no page stands anywhere."""
        if page is not None and self._check is not None:
            self._check(request, page)


places = Places()
