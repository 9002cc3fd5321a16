"""Shortens demangled C++ names: `decltype(auto) f<int>(void (*)(int))` to `f`."""

from __future__ import annotations

import re

UNNAMED = re.compile(r"\(anonymous namespace\)::|\{anonymous\}::|`anonymous namespace'::|\(anonymous class\)::")
THUNK = re.compile(r"^(?:(?:non-virtual|virtual|covariant return) thunk to |guard variable for )")
SUFFIX = re.compile(r"(?: ?\[(?:abi:|clone )[^\]]*\]| \(\.[\w.]+\)|(?<=\))\.(?:isra|part|constprop|cold|llvm)[\w.]*)")
OPERATOR = re.compile(
    r"(?<![\w$])operator(?P<symbol>"
    r" ?(?:\(\)|\[\]|<=>|<<=|>>=|->\*|->|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|[-+*/%^&|]=|[-+*/%^&|~!=<>,])"
    r'| ?"" ?\w+| (?:new|delete)(?:\[\])?(?!\w)| co_await(?!\w))'
)
CONVERSION = re.compile(r"(?<![\w$])operator (?=[\w:(])")
TYPE_OF = re.compile(r"(?:^|[^\w$])(?:decltype|__decltype|typeof|__typeof__|noexcept|requires|alignof|sizeof) ?$")
POINTER = re.compile(r"^(?:[\w:$]+::)?[*&]+ ?(?:const |volatile |restrict )*")
DEEPEST = 10
CLOSES = {"(": ")", "[": "]", "{": "}", "<": ">"}


def short_name(function: str) -> str:
    """The name without return type, template arguments, parameters and unnamed namespaces.

    Text that is not a C++ name gives some text, the same each time. The time is linear in the length of the text, for
    each of at most DEEPEST nested declarators: `void (*(*f())())()` has two.
    """
    text = THUNK.sub("", SUFFIX.sub("", UNNAMED.sub("", function)))
    for _ in range(DEEPEST):
        name, within = _declared(text)
        if not within:
            break
        text = within
    return name


def _declared(text: str) -> tuple[str, str]:
    """(the name that a declaration declares, the declarator in parentheses that contains the name otherwise)."""
    kept: list[str] = []
    at = 0
    while at < len(text):
        operator = OPERATOR.match(text, at)
        if operator:
            kept.append("operator" + _tidy(operator["symbol"]))
            at = operator.end()
            continue
        if CONVERSION.match(text, at):
            return _name_in(kept) + _conversion(text[at:]), ""
        letter = text[at]
        if letter not in "(<{":
            kept.append(letter if letter != ">" else "")
            at += 1
            continue
        end = _end_of_group(text, at)
        inner = text[at + 1 : end - 1]
        if letter == "(" and not TYPE_OF.search("".join(kept)):
            if kept[-1:] in ([], [" "]) and POINTER.match(inner) and POINTER.sub("", inner):
                return "", POINTER.sub("", inner, count=1)
            break
        if letter == "{":
            kept.append(f"{{{_unnumbered(inner)}}}")
        at = end
    return _name_in(kept), ""


def _name_in(kept: list[str]) -> str:
    """The text after the return type."""
    words: list[str] = [""]
    for piece in kept:
        if piece == " ":
            words.append("")
        else:
            words[-1] += piece
    return next((word.strip("*&") for word in reversed(words) if word.strip("*&")), "")


def _tidy(symbol: str) -> str:
    """Removes the space that some demanglers put before a symbol."""
    return symbol if symbol[1:2].isalpha() else symbol.lstrip()


def _conversion(text: str) -> str:
    """`operator bool() const` to `operator bool`: the type ends where the empty parameter list begins."""
    kept: list[str] = []
    at = 0
    while at < len(text):
        letter = text[at]
        if letter in "(<{[":
            end = _end_of_group(text, at)
            if text[at:end] == "()" and text[end : end + 1] != "(":
                break
            if letter in "([":
                kept.append(text[at:end])
            at = end
            continue
        kept.append(letter)
        at += 1
    return "".join(kept).strip()


def _unnumbered(inner: str) -> str:
    """`lambda(int)#1` to `lambda#1`."""
    head, opened, rest = inner.partition("(")
    return head + (rest.rpartition(")")[2] if opened else "")


def _end_of_group(text: str, begin: int) -> int:
    """The index after the bracket that closes the one at `begin`; the end of the text if there is none."""
    stack: list[str] = []
    at = begin
    while at < len(text):
        operator = OPERATOR.match(text, at) if text[at] == "o" else None
        if operator:
            at = operator.end()
            continue
        letter = text[at]
        if letter in "([{" or letter == "<" and not _compares(text, at, stack):
            stack.append(CLOSES[letter])
        elif letter in ")]}" and letter in stack:
            while stack.pop() != letter:
                pass
        elif letter == ">" and stack[-1] == ">" and text[at - 1] != "-":
            stack.pop()
        at += 1
        if not stack:
            break
    return at


def _compares(text: str, at: int, stack: list[str]) -> bool:
    """Whether this "<" is less-than. Demanglers put the operands of an expression in parentheses."""
    return bool(stack) and text[at - 1] == ")" and text[at + 1 : at + 2] == "("
