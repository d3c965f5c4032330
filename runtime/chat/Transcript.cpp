#include "runtime/chat/Transcript.h"

#include <fmt/format.h>

namespace osscc::rt::cli {
namespace {

boost::json::object message(std::string_view role, std::string_view content) {
  return {{"role", role}, {"content", content}};
}

bool isOf(const boost::json::value &message, std::string_view role) {
  return std::string_view(message.at("role").as_string()) == role;
}

} // namespace

/// Messages of the system at the begin.
size_t Transcript::heading() const {
  size_t count = 0;
  while (count < messages.size() &&
         (isOf(messages[count], "system") || isOf(messages[count], "developer")))
    ++count;
  return count;
}

/// The message behind the `count` oldest turns that are seen. What stands before the first question
/// belongs to its turn.
size_t Transcript::afterTurns(size_t count) const {
  size_t at = heading() + hidden, questions = 0;
  for (; at < messages.size(); ++at)
    if (isOf(messages[at], "user") && questions++ == count)
      break;
  return count == 0 ? heading() + hidden : at;
}

std::string_view Transcript::system() const {
  if (messages.empty() || !isOf(messages.front(), "system"))
    return {};
  return messages.front().at("content").as_string();
}

void Transcript::setSystem(std::string_view text) {
  if (!messages.empty() && isOf(messages.front(), "system"))
    messages.erase(messages.begin());
  if (!text.empty())
    messages.insert(messages.begin(), message("system", text));
}

void Transcript::addQuestion(std::string_view text) {
  messages.push_back(message("user", text));
}

void Transcript::addAnswer(std::string_view text, std::string_view reasoning) {
  boost::json::object answer = message("assistant", text);
  if (!reasoning.empty())
    answer["reasoning_content"] = reasoning;
  messages.push_back(std::move(answer));
}

bool Transcript::endsWithAnswer() const {
  return messages.size() > heading() + hidden && isOf(messages.back(), "assistant");
}

boost::json::value Transcript::takeLast() {
  boost::json::value last = std::move(messages.back());
  messages.pop_back();
  return last;
}

size_t Transcript::turns() const {
  size_t begin = heading() + hidden, count = 0;
  for (size_t at = begin; at < messages.size(); ++at)
    count += isOf(messages[at], "user");
  return count == 0 && begin < messages.size() ? 1 : count;
}

boost::json::array Transcript::seen(size_t fewer) const {
  auto begin = messages.begin();
  boost::json::array all(begin, begin + ptrdiff_t(heading()));
  all.insert(all.end(), begin + ptrdiff_t(afterTurns(fewer)), messages.end());
  return all;
}

void Transcript::hide(size_t count) {
  hidden = afterTurns(count) - heading();
}

void Transcript::clear() {
  messages.resize(heading());
  hidden = 0;
}

std::string Transcript::save() const {
  return boost::json::serialize(boost::json::object{{"messages", messages}}) + "\n";
}

Status Transcript::load(std::string_view request) {
  auto wrong = [](std::string message) {
    return fail(Code::kInvalidArgument, std::move(message), "a chat is kept by /save FILE");
  };
  boost::system::error_code error;
  boost::json::value value = boost::json::parse(request, error);
  const boost::json::object *object = error ? nullptr : value.if_object();
  const boost::json::value *list = object ? object->if_contains("messages") : nullptr;
  if (!list || !list->is_array())
    return wrong("expected a JSON object with a list of messages");
  for (const boost::json::value &entry : list->get_array()) {
    const boost::json::object *fields = entry.if_object();
    for (const char *key : {"role", "content"}) {
      const boost::json::value *text = fields ? fields->if_contains(key) : nullptr;
      if (!text || !text->is_string())
        return wrong(fmt::format("messages: expected objects with a text '{}'", key));
    }
    const boost::json::value *reasoning = fields->if_contains("reasoning_content");
    if (reasoning && !reasoning->is_string())
      return wrong("messages: expected a text as 'reasoning_content'");
  }
  messages = list->get_array();
  hidden = 0;
  return {};
}

} // namespace osscc::rt::cli
