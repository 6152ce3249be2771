"""The Wagtail admin's side: courses with their modules, enrolments, the audit log's messages.

Nothing is imported here: Django's own admin imports this package, if a site has it, to look for
its registrations.
"""
