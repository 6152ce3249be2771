"""The admin's reports in a real browser: found in the menu, and axe finds nothing in them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .looks import violations
from .people import People

pytestmark = pytest.mark.browser

REPORTS = ("progress", "results", "activity")


def test_axe_finds_nothing_in_the_reports(people: People) -> None:
    people.excuse("status of 404")  # the admin's icon
    admin = people.enter("admin")
    for report in REPORTS:
        page = admin.open(f"/admin/reports/live-lms/{report}/")
        expect(page.get_by_role("columnheader", name="Student")).to_be_visible()
        assert violations(page, {"include": [["main"]]}) == []
