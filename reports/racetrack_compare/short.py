"""Short names of cases for tables and figures; common parts are stated once."""

from __future__ import annotations

from collections.abc import Sequence


def short_names(names: Sequence[str]) -> tuple[list[str], str]:
    """(short name of each, common parts as text). A single name keeps family, workload and subject."""
    if len(names) < 2:
        short = ["/".join(name.split("/")[:3]) for name in names]
        return short, ", ".join(part for name in names for part in name.split("/")[3:])
    parts = [name.split("/") for name in names]
    heads = 0
    while all(len(each) > heads + 1 for each in parts) and len({each[heads] for each in parts}) == 1:
        heads += 1
    common = {part for part in parts[0][heads:] if all(part in each[heads:] for each in parts)}
    shorts = ["/".join(part for part in each[heads:] if part not in common) for each in parts]
    if not all(shorts):
        return list(names), ""
    common_parts = ["/".join(parts[0][:heads])] if heads else []
    return shorts, ", ".join(common_parts + [part for part in parts[0][heads:] if part in common])
