"""Short names of C++ functions as demanglers print them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from racetrack_tsan.names import short_name

NAMES = {
    "(anonymous namespace)::UnlockedPoint::set(long, long)": "UnlockedPoint::set",
    "bool a::Queue<int, b::C<3> >::try_push<int>(int&&)": "a::Queue::try_push",
    "f()::{lambda(int)#1}::operator()(int) const": "f",
    "A::operator()(int)": "A::operator()",
    "std::ostream& operator<< <int>(std::ostream&, int)": "operator<<",
    "void race(T<(K)1>)": "race",
    "": "",
    ">>><<<": "",
    "decltype(auto) f()": "f",
    "decltype(auto) a::f<int>(int)": "a::f",
    "decltype (a.b()) call<X>(X)": "call",
    "decltype (({parm#1}.foo)()) ns::call<Foo>(Foo)": "ns::call",
    "operator bool": "operator bool",
    "A::operator bool": "A::operator bool",
    "A<int>::operator bool() const": "A::operator bool",
    "operator bool()": "operator bool",
    "Foo::operator std::vector<int>() const": "Foo::operator std::vector",
    "Foo::operator void (*)(int)() const": "Foo::operator void (*)(int)",
    "Foo::operator void (*)()() const": "Foo::operator void (*)()",
    "Foo::operator std::function<void ()>()": "Foo::operator std::function",
    "Foo::operator int*()": "Foo::operator int*",
    "Foo::operator T*<T>() const": "Foo::operator T*",
    "void (*get())(int)": "get",
    "void (*ns::get<int>(int))(char)": "ns::get",
    "int (&arr<3>())[3]": "arr",
    "void (A::*member<A>(int))(int) const": "member",
    "void run(void (*)(int), int)": "run",
    "run(void (*)(int), int (&) [3])": "run",
    "run<void (*)(int)>(void (*)(int))": "run",
    "std::enable_if<((1)>(0)), int>::type g<int>(int)": "g",
    "auto h<int>(int)": "h",
    "std::enable_if<(sizeof(int) > 2), int>::type g<int>(int)": "g",
    "operator new(unsigned long)": "operator new",
    "operator delete[](void*)": "operator delete[]",
    'operator""_ms(unsigned long long)': 'operator""_ms',
    'operator"" _ms(unsigned long long)': 'operator"" _ms',
    "A::operator[](unsigned long)": "A::operator[]",
    "A::operator->() const": "A::operator->",
    "bool operator<=><int>(A<int> const&)": "operator<=>",
    "A<B>::~A()": "A::~A",
    "non-virtual thunk to A::f()": "A::f",
    "f(int) [clone .isra.0]": "f",
    "f(int) (.constprop.0)": "f",
    "f[abi:cxx11](int)": "f",
    "f(int).isra.0": "f",
    "std::function<void (int)>::operator()(int) const": "std::function::operator()",
    "Handler<void (int), void (*)(int)>::invoke(std::_Any_data const&, int&&)": "Handler::invoke",
    "{lambda(int)#1}::operator()(int) const": "{lambda#1}::operator()",
    "main::$_0::operator()() const": "main::$_0::operator()",
    "__invoke<(lambda at /src/a.cpp:39:22)>": "__invoke",
    "void apply<&A::operator<, int>(int)": "apply",
    "bool less<(operator<)>(int)": "less",
    "operator,(A, B)": "operator,",
    "A::operator co_await() const": "A::operator co_await",
    "Ring::pop(int&)": "Ring::pop",
    "consume": "consume",
    "std::State<std::Invoker<std::tuple<void (*)(int), int> > >::run()": "std::State::run",
    "unsigned long long f<int>()": "f",
    "T* f<T>()": "f",
    "A const& B::get<int>() const &": "B::get",
    "operator_table(int)": "operator_table",
    "void f<(A::operator int)>()": "f",
    "f(int)::Local::g()": "f",
    "std::__invoke_impl<void, void (A::*)(), A*>"
    "(std::__invoke_memfun_deref, void (A::*&&)(), A*&&)": "std::__invoke_impl",
    "A::operator decltype(auto)() const": "A::operator decltype(auto)",
    "decltype(auto) A::operator()<int>(int) const": "A::operator()",
    "decltype(auto) f": "f",
    "auto A::operator bool<int>() const": "A::operator bool",
    "std::function<int(*(int))(char)> k<int>()": "k",
    "A::operator A::B::C<(X)1>() const": "A::operator A::B::C",
    "void (*(*ff<int>(int))(char))(long)": "ff",
}
PARTS = st.sampled_from(
    ["operator", "(", ")", "<", ">", "[", "]", "{", "}", " ", "*", "&", "::", "f", "decltype", "->", "<=>", ","]
)


@pytest.mark.parametrize(("function", "short"), NAMES.items())
def test_a_name_loses_return_type_template_arguments_and_parameters(function: str, short: str) -> None:
    assert short_name(function) == short


@settings(deadline=None, max_examples=500)
@given(st.lists(PARTS, max_size=60))
def test_no_text_breaks_the_reader_of_names(parts: list[str]) -> None:
    assert isinstance(short_name("".join(parts)), str)


def test_a_long_name_is_read_in_time() -> None:
    depth = 2000
    assert short_name("f" + "<A" * depth + ">" * depth + "(int)") == "f"
    assert isinstance(short_name("void " + "(*" * depth), str)
