"""The button for blocks of code in the editor of questions."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from draftjs_exporter.defaults import code_block
from wagtail.admin.rich_text.converters.html_to_contentstate import BlockElementHandler
from wagtail.admin.rich_text.editors.draftail.features import BlockFeature

from wagtail_live_lms.blocks.question_text import CODE_BLOCK, CODE_FEATURE


def register_code_feature(features: Any) -> None:
    """Teach the editor blocks of code: a `register_rich_text_features` hook."""
    button = {"type": CODE_BLOCK, "icon": "code", "description": _("Code block")}
    rule = {
        "from_database_format": {"pre": BlockElementHandler(CODE_BLOCK)},
        "to_database_format": {"block_map": {CODE_BLOCK: code_block}},
    }
    features.register_editor_plugin("draftail", CODE_FEATURE, BlockFeature(button))
    features.register_converter_rule("contentstate", CODE_FEATURE, rule)
