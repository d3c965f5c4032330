// Source: xterm's control sequences; the keys are those of Emacs, as in readline.
#include "runtime/terminal/Keys.h"

#include "runtime/base/Utf8.h"

#include <algorithm>
#include <string_view>

namespace osscc::rt::terminal {
namespace {

constexpr char kEscape = '\x1b';
constexpr size_t kLongestSequence = 32;           // bytes; no key sends more
constexpr size_t kLongestPaste = size_t(1) << 28; // bytes
constexpr std::string_view kPasteBegin = "200~", kPasteEnd = "\x1b[201~";

struct Named {
  std::string_view sequence;
  Key::Kind kind;
};

/// What follows ESC [ or ESC O.
constexpr Named kSequences[] = {
    {"A", Key::kUp},          {"B", Key::kDown},         {"C", Key::kRight},
    {"D", Key::kLeft},        {"H", Key::kHome},         {"F", Key::kEnd},
    {"1~", Key::kHome},       {"7~", Key::kHome},        {"4~", Key::kEnd},
    {"8~", Key::kEnd},        {"3~", Key::kDelete},      {"1;5C", Key::kWordRight},
    {"1;5D", Key::kWordLeft}, {"1;3C", Key::kWordRight}, {"1;3D", Key::kWordLeft},
};

/// One byte below 0x20 or 0x7F.
Key::Kind control(char byte) {
  constexpr Key::Kind kNo = Key::kNone;
  //  @ A B C D E F G / H I J K L M N O / P Q R S T U V W / X Y Z [ \ ] ^ _
  constexpr Key::Kind kKinds[32] = {kNo,
                                    Key::kHome,
                                    Key::kLeft,
                                    Key::kInterrupt,
                                    Key::kDeleteOrEnd,
                                    Key::kEnd,
                                    Key::kRight,
                                    kNo,
                                    Key::kBackspace,
                                    Key::kTab,
                                    Key::kEnter,
                                    Key::kDeleteToEnd,
                                    Key::kRedraw,
                                    Key::kEnter,
                                    Key::kDown,
                                    kNo,
                                    Key::kUp,
                                    kNo,
                                    kNo,
                                    kNo,
                                    kNo,
                                    Key::kDeleteToBegin,
                                    kNo,
                                    Key::kDeleteWord,
                                    kNo,
                                    Key::kYank,
                                    Key::kSuspend,
                                    kNo,
                                    kNo,
                                    kNo,
                                    kNo,
                                    kNo};
  return byte == '\x7f' ? Key::kBackspace : kKinds[size_t(byte)];
}

/// Bytes up to the end of the paste, its line ends as '\n' and without other control characters.
std::string readPaste(const ByteSource &source) {
  std::string bytes;
  while (!bytes.ends_with(kPasteEnd) && bytes.size() < kLongestPaste) {
    std::optional<char> byte = source(true);
    if (!byte)
      break;
    bytes += *byte;
  }
  if (bytes.ends_with(kPasteEnd))
    bytes.resize(bytes.size() - kPasteEnd.size());
  std::string text;
  for (std::string_view rest = bytes; !rest.empty();) {
    Utf8Step step = utf8Step(rest);
    if (rest.starts_with("\r\n"))
      rest.remove_prefix(1);
    if (step.kind != Utf8Step::kCharacter)
      text += "\uFFFD";
    else if (rest[0] == '\r' || rest[0] == '\n')
      text += '\n';
    else if (rest[0] == '\t')
      text += "    ";
    else if (uint8_t(rest[0]) >= 0x20 && rest[0] != '\x7f')
      text += rest.substr(0, step.bytes);
    rest.remove_prefix(step.bytes);
  }
  return text;
}

/// What follows ESC.
Key readSequence(const ByteSource &source) {
  std::optional<char> first = source(false);
  if (!first)
    return {};
  if (*first == 'b' || *first == 'f')
    return {*first == 'b' ? Key::kWordLeft : Key::kWordRight, {}};
  if (*first == '\x7f')
    return {Key::kDeleteWord, {}};
  if (*first != '[' && *first != 'O')
    return {};
  std::string sequence;
  while (sequence.size() < kLongestSequence) {
    std::optional<char> byte = source(false);
    if (!byte)
      return {};
    sequence += *byte;
    if (*byte >= '@' && *byte <= '~')
      break;
  }
  if (sequence == kPasteBegin)
    return {Key::kText, readPaste(source)};
  const auto *named = std::ranges::find(kSequences, sequence, &Named::sequence);
  return {named == std::end(kSequences) ? Key::kNone : named->kind, {}};
}

/// A character that begins with `first`.
Key readCharacter(const ByteSource &source, char first) {
  std::string text(1, first);
  Utf8Step step = utf8Step(text);
  while (step.kind == Utf8Step::kCut) {
    std::optional<char> byte = source(false);
    if (!byte)
      break;
    text += *byte;
    step = utf8Step(text);
  }
  return {Key::kText, step.kind == Utf8Step::kCharacter ? text : "\uFFFD"};
}

} // namespace

Key readKey(const ByteSource &source) {
  std::optional<char> byte = source(true);
  if (!byte)
    return {Key::kEndOfInput, {}};
  if (*byte == kEscape)
    return readSequence(source);
  if (uint8_t(*byte) < 0x20 || *byte == '\x7f')
    return {control(*byte), {}};
  return readCharacter(source, *byte);
}

} // namespace osscc::rt::terminal
