"""Signals for other packages, sent when the transaction has committed. We receive none of them.

Every signal's `sender` is the model class of the row it is about.
"""

from django.dispatch import Signal

module_completed = Signal()
"""`progress`: a student completed a module for the first time."""

module_reset = Signal()
"""`enrolment`, `module`, `by`, `reason`: staff took a completion back."""

student_enrolled = Signal()
"""`enrolment`: somebody joined a course, or came back to it."""

student_withdrawn = Signal()
"""`enrolment`: somebody left a course."""

attempt_ended = Signal()
"""`submission`: an attempt at a quiz was handed in, or its time was over."""

attempt_graded = Signal()
"""`submission`: an attempt has a score, for the first time or a new one."""

results_changed = Signal()
"""`submissions`: results that students had been given became others. Each attempt is named once
per change; its `revision` tells changes apart."""

grades_posted = Signal()
"""`posting`: an instructor's grades reached their students; one signal for all of them."""

notifications_sent = Signal()
"""`notifications`: people were told something; one list for all that were told together."""

alerts_opened = Signal()
"""`alerts`: there is something that the instructors of a course should look at; one list for all
that were opened together."""

help_answered = Signal()
"""`help_request`: an instructor answered a student who had asked for help."""
