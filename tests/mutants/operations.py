"""The atomic operations and fences of a source text, each with its explicit memory orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .tokens import Token, line_of, tokens_of

ORDERS = ("relaxed", "consume", "acquire", "release", "acq_rel", "seq_cst")
FENCES = ("atomic_thread_fence", "atomic_signal_fence")
EXCHANGES = ("compare_exchange_strong", "compare_exchange_weak")
LOADS = ("load", "wait", "test")
STORES = ("store", "clear")
OPENING, CLOSING = "([{", ")]}"


@dataclass(frozen=True)
class Place:
    """One explicit memory order, with its operation and function."""

    line: int
    function: str  # 'VyukovQueue::try_push'; the enclosing classes in the text, then the function
    operation: str  # 'cell.sequence.load', 'top_.compare_exchange_strong on failure', 'atomic_thread_fence'
    kind: str  # load, store, exchange (read-modify-write), fence
    order: str
    start: int  # of the order in the text
    end: int
    statement: tuple[int, int]  # of a fence: the text to remove


def places_of(text: str) -> list[Place]:
    """The orders in the order of the text. Raises ValueError if an order is not an argument of a known operation."""
    tokens = tokens_of(text)
    partner = _partners(text, tokens)
    functions = _functions(tokens, partner)
    found = []
    for first, last, order in _orders(tokens):
        opening, argument = _call(tokens, first)
        if opening is None:
            raise ValueError(f"line {line_of(text, tokens[first].start)}: an order that is not an argument of a call")
        name, operation = tokens[opening - 1].text, _expression(tokens, opening - 1, partner)
        kind = _kind(name)
        if name in EXCHANGES and argument == 3:
            kind, operation = "load", f"{operation} on failure"
        semicolon = partner[opening] + 1
        begin = _start_of_expression(tokens, opening - 1, partner)
        found.append(
            Place(
                line_of(text, tokens[first].start),
                functions[first],
                operation,
                kind,
                order,
                tokens[first].start,
                tokens[last].end,
                (tokens[begin].start, tokens[min(semicolon, len(tokens) - 1)].end),
            )
        )
    return found


def _orders(tokens: Sequence[Token]) -> list[tuple[int, int, str]]:
    """(first token, last token, order): std::memory_order_release or std::memory_order::release."""
    found = []
    for index, token in enumerate(tokens):
        last, order = index, token.text.removeprefix("memory_order_")
        if token.text == "memory_order" and index + 2 < len(tokens) and tokens[index + 1].text == "::":
            last, order = index + 2, tokens[index + 2].text
        elif order == token.text:
            continue
        if token.kind != "word" or order not in ORDERS:
            continue
        first = index - 2 if index >= 2 and [t.text for t in tokens[index - 2 : index]] == ["std", "::"] else index
        found.append((first, last, order))
    return found


def _partners(text: str, tokens: Sequence[Token]) -> dict[int, int]:
    """Maps the index of each opening bracket to its closing bracket and back."""
    partner: dict[int, int] = {}
    open_ones: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind != "sign":
            continue
        if token.text in OPENING:
            open_ones.append(index)
        elif token.text in CLOSING:
            if not open_ones or OPENING.index(tokens[open_ones[-1]].text) != CLOSING.index(token.text):
                raise ValueError(f"line {line_of(text, token.start)}: a bracket without its partner")
            other = open_ones.pop()
            partner[other], partner[index] = index, other
    if open_ones:
        raise ValueError(f"line {line_of(text, tokens[open_ones[-1]].start)}: a bracket without its partner")
    return partner


def _call(tokens: Sequence[Token], inside: int) -> tuple[int | None, int]:
    """Returns (the opening parenthesis of the call that contains `inside`, the number of the argument, from 0)."""
    depth, argument = 0, 0
    for index in range(inside - 1, -1, -1):
        sign = tokens[index].text if tokens[index].kind == "sign" else ""
        if sign and sign in CLOSING:
            depth += 1
        elif sign and sign in OPENING:
            if depth == 0:
                called = sign == "(" and index > 0 and tokens[index - 1].kind == "word"
                return (index if called else None), argument
            depth -= 1
        elif sign == "," and depth == 0:
            argument += 1
        elif sign == ";" and depth == 0:
            break
    return None, 0


def _kind(name: str) -> str:
    if name in FENCES:
        return "fence"
    if name in LOADS:
        return "load"
    return "store" if name in STORES else "exchange"


def _start_of_expression(tokens: Sequence[Token], name: int, partner: dict[int, int]) -> int:
    """The first token of a.b[c]->name or std::name."""
    at = name
    while at >= 2 and tokens[at - 1].text in (".", "->", "::"):
        at -= 2
        while tokens[at].text in (")", "]") and tokens[at].kind == "sign":
            at = partner[at] - 1
    return at


def _expression(tokens: Sequence[Token], name: int, partner: dict[int, int]) -> str:
    begin = _start_of_expression(tokens, name, partner)
    return "".join(token.text for token in tokens[begin : name + 1]).removeprefix("std::")


def _functions(tokens: Sequence[Token], partner: dict[int, int]) -> list[str]:
    """For every token the name of its function with its classes; empty outside functions."""
    named = [""] * len(tokens)
    scopes: list[tuple[int, str, bool]] = []  # (closing brace, name, is it a function)
    head = 0  # the start of the declaration that the next brace may belong to
    for index, token in enumerate(tokens):
        if scopes and index == scopes[-1][0]:
            scopes.pop()
            head = index + 1
        inside = any(function for _, _, function in scopes)
        if inside:
            named[index] = "::".join(name for _, name, _ in scopes if name)
        elif token.text == "{" and token.kind == "sign":
            name, function = _declared(tokens, head, index, partner)
            scopes.append((partner[index], name, function))
            head = index + 1
        elif token.text == ";" or (token.text == ":" and tokens[index - 1].text in ("public", "private", "protected")):
            head = index + 1
    return named


def _declared(tokens: Sequence[Token], head: int, brace: int, partner: dict[int, int]) -> tuple[str, bool]:
    """Returns (name, whether it is a function) of the declaration before `{`. The name is '' for an initialiser."""
    index = head
    if tokens[index].text == "template":
        index = _after_angles(tokens, index + 1)
    while index < brace:
        word = tokens[index]
        if word.text in ("class", "struct", "union", "namespace", "enum"):
            names = [
                t.text for t in tokens[index + 1 : brace] if t.kind == "word" and t.text not in ("alignas", "final")
            ]
            return (names[0] if names else ""), False
        if (
            word.text == "("
            and tokens[index - 1].kind == "word"
            and tokens[index - 1].text not in ("alignas", "noexcept")
        ):
            tilde = "~" if tokens[index - 2].text == "~" else ""
            return tilde + tokens[index - 1].text, True
        index = partner[index] + 1 if word.text in OPENING and word.kind == "sign" else index + 1
    return "", False


def _after_angles(tokens: Sequence[Token], index: int) -> int:
    """The token after <...>."""
    depth = 0
    while True:
        depth += {"<": 1, ">": -1}.get(tokens[index].text, 0)
        index += 1
        if depth == 0:
            return index
