"""A misspelt or mistyped setting is named with its fix, before the site starts."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connection

from wagtail_live_lms import conf
from wagtail_live_lms.actions.delivery import keys
from wagtail_live_lms.checks import (
    check_delivery,
    check_settings,
    check_sqlite,
    check_web_push,
    check_workers,
)


def test_no_settings_at_all_are_fine(settings: Any) -> None:
    settings.WAGTAIL_LIVE_LMS = {}
    assert check_settings(None) == []
    del settings.WAGTAIL_LIVE_LMS
    assert check_settings(None) == []


def test_every_default_is_a_value_one_may_set(settings: Any) -> None:
    defaults = conf.Settings()
    settings.WAGTAIL_LIVE_LMS = {key: getattr(defaults, key) for key in conf.keys()}
    assert check_settings(None) == []


def test_an_unknown_key_is_named_beside_the_known_ones(settings: Any) -> None:
    settings.WAGTAIL_LIVE_LMS = {"WINDOW_SIZES": 50}
    (error,) = check_settings(None)
    assert error.id == "wagtail_live_lms.E001"
    assert "WINDOW_SIZES" in error.msg
    assert "WINDOW_SIZE," in str(error.hint)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("WINDOW_SIZE", "50", "int"),
        ("WINDOW_SIZE", 50.5, "int"),
        ("WINDOW_SIZE", None, "int"),
        ("WINDOW_SIZE", True, "int"),
        ("POLL_SECONDS", "1", "float"),
        ("POLL_SECONDS", False, "float"),
        ("EVENT_RATE_LIMIT", 120, "str"),
        ("EVENT_RATE_LIMIT", "120 a minute", "str"),
        ("WEB_PUSH_SERVICES", "fcm.googleapis.com", "tuple"),
        ("DELIVERY", "pigeon", "str"),
        ("API_RATE_LIMIT", "many", "str"),
        ("JUPYTER_LINK", "/lab/tree/{file}", "str"),
        ("JUPYTER_LINK", "https://hub.example/{nobody}", "str"),
        ("NOTEBOOK_MAX_BYTES", "5 MB", "int"),
    ],
)
def test_a_value_that_does_not_fit_is_an_error(
    settings: Any, key: str, value: object, expected: str
) -> None:
    settings.WAGTAIL_LIVE_LMS = {key: value}
    (error,) = check_settings(None)
    assert error.id == "wagtail_live_lms.E002"
    assert key in error.msg
    assert f"a {expected}," in str(error.hint)


def test_whole_seconds_may_be_written_without_a_point(settings: Any) -> None:
    settings.WAGTAIL_LIVE_LMS = {"POLL_SECONDS": 2, "HEARTBEAT_SECONDS": 20}
    assert check_settings(None) == []


@pytest.mark.parametrize("value", [None, ["WINDOW_SIZE"], "WINDOW_SIZE=50"])
def test_what_is_no_dictionary_is_an_error(settings: Any, value: object) -> None:
    settings.WAGTAIL_LIVE_LMS = value
    (error,) = check_settings(None)
    assert error.id == "wagtail_live_lms.E002"
    assert "dict" in str(error.hint)
    assert conf.current() == conf.Settings()


class TestWorkers:
    @pytest.mark.parametrize("workers", ["", "1", "auto"])
    def test_one_process_needs_nothing_shared(self, monkeypatch: Any, workers: str) -> None:
        monkeypatch.setenv("WEB_CONCURRENCY", workers)
        assert check_workers(None) == []

    def test_several_on_a_layer_in_memory_are_an_error(self, monkeypatch: Any) -> None:
        monkeypatch.setenv("WEB_CONCURRENCY", "4")
        (error,) = check_workers(None)
        assert error.id == "wagtail_live_lms.E003"
        assert "RedisPubSubChannelLayer" in str(error.hint)

    def test_several_on_a_shared_layer_are_fine(self, monkeypatch: Any, settings: Any) -> None:
        monkeypatch.setenv("WEB_CONCURRENCY", "4")
        settings.CHANNEL_LAYERS = {
            "default": {
                "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
                "CONFIG": {"hosts": ["redis://127.0.0.1:1/0"]},
            }
        }
        assert check_workers(None) == []


class TestSQLite:
    @pytest.mark.parametrize("mode", [None, "DEFERRED", ""])
    def test_a_transaction_that_begins_by_reading_is_warned_of(
        self, monkeypatch: Any, mode: str | None
    ) -> None:
        monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"transaction_mode": mode})
        (warning,) = check_sqlite(None)
        assert warning.id == "wagtail_live_lms.W001"
        assert "IMMEDIATE" in str(warning.hint)

    @pytest.mark.parametrize("mode", ["immediate", "EXCLUSIVE"])
    def test_one_that_begins_by_locking_is_fine(self, monkeypatch: Any, mode: str) -> None:
        monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"transaction_mode": mode})
        assert check_sqlite(None) == []

    def test_other_databases_need_no_such_setting(self, monkeypatch: Any) -> None:
        monkeypatch.setitem(connection.settings_dict, "OPTIONS", {})
        monkeypatch.setattr(connection, "vendor", "postgresql")
        assert check_sqlite(None) == []


def test_django_runs_the_checks(settings: Any) -> None:
    settings.WAGTAIL_LIVE_LMS = {"NONSENSE": 1}
    assert "wagtail_live_lms.E001" in {message.id for message in run_checks()}


def test_a_changed_setting_is_in_force_at_once(settings: Any) -> None:
    settings.WAGTAIL_LIVE_LMS = {"WINDOW_SIZE": 7, "NONSENSE": 1}
    assert conf.current().WINDOW_SIZE == 7
    settings.WAGTAIL_LIVE_LMS = {}
    assert conf.current().WINDOW_SIZE == conf.Settings().WINDOW_SIZE


class TestPushing:
    def test_a_site_that_does_not_push_needs_nothing(self, settings: Any) -> None:
        settings.WAGTAIL_LIVE_LMS = {}
        assert check_web_push(None) == []

    def test_a_key_and_a_contact_are_all_it_takes(self, settings: Any) -> None:
        settings.WAGTAIL_LIVE_LMS = {
            "WEB_PUSH_PRIVATE_KEY": keys.make_private_key(),
            "WEB_PUSH_CONTACT": "mailto:it@example.org",
        }
        assert check_web_push(None) == []

    def test_what_is_no_key_and_no_contact_is_named_and_the_key_is_not_shown(
        self, settings: Any
    ) -> None:
        settings.WAGTAIL_LIVE_LMS = {"WEB_PUSH_PRIVATE_KEY": "secret", "WEB_PUSH_CONTACT": "me"}
        found = check_web_push(None)
        assert [error.id for error in found] == ["wagtail_live_lms.E005", "wagtail_live_lms.E006"]
        assert not any("secret" in error.msg for error in found)

    def test_the_packages_are_asked_for(
        self, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keys, "pywebpush", None)
        settings.WAGTAIL_LIVE_LMS = {"WEB_PUSH_PRIVATE_KEY": "any"}
        (error,) = check_web_push(None)
        assert "wagtail-live-lms[push]" in str(error.hint)


def test_a_task_that_runs_at_once_is_warned_of(settings: Any) -> None:
    settings.WAGTAIL_LIVE_LMS = {"DELIVERY": "task"}
    (warning,) = check_delivery(None)
    assert warning.id == "wagtail_live_lms.W002"
    settings.WAGTAIL_LIVE_LMS = {"DELIVERY": "thread"}
    assert check_delivery(None) == []
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    settings.WAGTAIL_LIVE_LMS = {"DELIVERY": "task"}
    assert check_delivery(None) == []
