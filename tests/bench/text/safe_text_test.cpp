#include "text/safe_text.hpp"

#include <array>
#include <cstdio>
#include <stdexcept>

#include <gtest/gtest.h>

#include "text/filter.hpp"

namespace racetrack::text {
namespace {

// tests/hostile/test_shell.py contains the same tables.
TEST(PrintableTest, KeepsTextLinesAndTabs) {
  EXPECT_EQ(printable("a\tb\nc \xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x8f\x81"),
            "a\tb\nc \xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x8f\x81");
}

TEST(PrintableTest, ReplacesControlAndInvisibleCharacters) {
  for (const char* bad : {"\x1b", "\a", "\r", "\x7f", "\xc2\x9b", "\xe2\x80\xae", "\xe2\x80\x8b", "\xef\xbb\xbf",
                          "\xf3\xa0\x80\x81", "\xe9", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    const std::string shown = printable(std::string("a") + bad + "b");
    EXPECT_EQ(shown.substr(0, 4), "a\xef\xbf\xbd") << quoted_or_hex(bad);
    EXPECT_EQ(shown.find(bad), std::string::npos) << quoted_or_hex(bad);
    EXPECT_EQ(shown.back(), 'b');
  }
  EXPECT_EQ(printable(std::string("a\0b", 3)),
            "a\xef\xbf\xbd"
            "b");
}

TEST(NameTest, AcceptsPrintableNames) {
  for (const char* name : {"vyukov", "loses $(touch x)", "'quoted'", "a|b*", "\xc3\xa9t\xc3\xa9",
                           "\xe6\x97\xa5\xe6\x9c\xac", "-x", "--case", "a:b", "\xf0\x9f\x8f\x81"}) {
    EXPECT_EQ(refuse_name(name), std::nullopt) << name;
  }
}

TEST(NameTest, RejectsOtherNames) {
  for (const std::string name : {"", " a", "a ", "a  b", "a/b", "a\nb", "a\tb", "a\x1b[31m", "a\xe2\x80\x8b",
                                 "a\xc2\xa0", "a\xe9", "e\xcc\x81", "\xe2\x80\xaexyz"}) {
    EXPECT_NE(refuse_name(name), std::nullopt) << quoted_or_hex(name);
  }
  EXPECT_NE(refuse_name(std::string(121, 'a')), std::nullopt);
}

TEST(NameTest, IsShownInHexadecimalIfItMustNotBePrinted) {
  EXPECT_EQ(quoted_or_hex("a b"), "'a b'");
  EXPECT_EQ(quoted_or_hex("a\x1b"), "0x611b");
}

/// The argument that /bin/sh reads from `text`.
std::string read_by_shell(const std::string& text) {
  std::FILE* const shell = popen(("printf %s. " + text).c_str(), "r");
  std::string result;
  std::array<char, 256> buffer{};
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), shell)) > 0;)
    result.append(buffer.data(), n);
  EXPECT_EQ(pclose(shell), 0);
  if (!result.empty()) result.pop_back();
  return result;
}

TEST(ShellWordTest, IsReadUnchangedByTheShell) {
  for (const std::string word :
       {"plain", "",     "a b",    "$(touch x)", "it's", "`id`", "\"",    "\\",       "a\\nb",        "!x",
        "~",     "=ls",  "-n",     "*",          "a\nb", "a\n",  "\n\n",  "\x1b[31m", "%s\x1b",       "\\n\x1b",
        "-\x1b", "\xe9", "'\xe9'", "#",          ";",    "&",    "{a,b}", "[",        "\xe6\x97\xa5", "\xe2\x80\xae"}) {
    const std::string text = shell_word(word);
    EXPECT_EQ(read_by_shell(text), word) << text;
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
  }
}

TEST(FilterTest, TakesLinearTimeWhateverItsExpression) {
  const std::string name = "queue/transfer/" + std::string(5000, 'a') + "!";
  for (const char* text : {"(a+)+$", "(a|a)+$", "(a|aa)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$"}) {
    EXPECT_FALSE(Filter(text).matches(name)) << text;
  }
  EXPECT_TRUE(Filter("transfer/a").matches(name));
  EXPECT_TRUE(Filter("").matches(name));
}

TEST(FilterTest, RejectsInvalidAndHugeExpressions) {
  for (const char* text : {"(", "a{2,1}", "(?=a)", "(a)\\1", "((a{1000}){1000}){1000}", "\xff"}) {
    try {
      const Filter filter(text);
      ADD_FAILURE() << text << " was taken";
    } catch (const std::invalid_argument& failure) {
      EXPECT_EQ(std::string(failure.what()).find('\n'), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace racetrack::text
