"""Builds the demo: people, pages, the course and a class that has already begun."""

PASSWORD = "live-lms-demo"  # noqa: S105 - the point of a demo is that everybody knows it
