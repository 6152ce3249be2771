"""The demo course: one Markdown file per lesson, its images beside it, read by `reader`."""
