"""Builds the demo: people, pages, the course and a class that has already begun."""
