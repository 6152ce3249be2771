"""Notebooks as files: read and mended when uploaded, named in manifests, shown as safe HTML.

Nothing is stored here and no course is known.
"""

from .download import file_name, notebook_response
from .links import fill_link, is_link_pattern
from .manifest import POLICY, cells_of, digest_of, export, label_of, manifest_of, tagged_ids
from .reading import NotebookError, Upload, read_notebook
from .rendering import CellView, render_cells

__all__ = [
    "POLICY",
    "CellView",
    "NotebookError",
    "Upload",
    "cells_of",
    "digest_of",
    "export",
    "file_name",
    "fill_link",
    "is_link_pattern",
    "label_of",
    "manifest_of",
    "notebook_response",
    "read_notebook",
    "render_cells",
    "tagged_ids",
]
