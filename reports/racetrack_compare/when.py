"""The current time in the format of records."""

from __future__ import annotations

import datetime


def utc_now() -> str:
    """RFC 3339, UTC, in milliseconds: 2026-11-23T10:15:00.000Z."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z"
