// What becomes of schemas, for scripts: a JSON object a line in, one a line out.
//
//   in:  {"schema": any, "instances": [any], "samples": n, "seed": n}
//   out: {"error": "why it was refused"}, or
//        {"reached": [bool], "samples": [text or null]}
//
// `reached` says of each instance whether its text can come about, its members in some order;
// `samples` are texts of random tokens, null where one did not come to its end.
#include "runtime/schema/Constraint.h"
#include "runtime/schema/Steps.h"
#include "test/runtime/schema/Vocabulary.h"

#include <boost/json.hpp>

#include <charconv>
#include <iostream>
#include <random>
#include <string>

namespace {

using namespace osscc;
using rt::schema::kDead;
using rt::schema::StackId;
using rt::schema::Steps;

/// Walks the texts of a value, its objects' members in each order until one is taken.
class Reach {
public:
  explicit Reach(Steps &steps) : steps(steps) {}

  StackId value(StackId from, const boost::json::value &v) {
    if (v.is_object()) {
      std::vector<const boost::json::key_value_pair *> members;
      for (const auto &member : v.get_object())
        members.push_back(&member);
      StackId inside = text(from, "{");
      return inside == kDead ? kDead : this->members(inside, members, true);
    }
    if (v.is_array()) {
      StackId at = text(from, "[");
      bool isFirst = true;
      for (const auto &item : v.get_array()) {
        at = isFirst ? at : text(at, ",");
        at = at == kDead ? kDead : value(at, item);
        isFirst = false;
      }
      return text(at, "]");
    }
    if (v.is_double())
      return number(from, v.get_double());
    return text(from, boost::json::serialize(v));
  }

private:
  StackId text(StackId from, std::string_view bytes) {
    return from == kDead ? kDead : steps.step(from, bytes);
  }

  StackId number(StackId from, double x) {
    char buffer[512];
    auto end = std::to_chars(buffer, std::end(buffer), x, std::chars_format::fixed).ptr;
    StackId at = text(from, {buffer, end});
    return at != kDead ? at : text(from, boost::json::serialize(boost::json::value(x)));
  }

  StackId members(StackId from, std::vector<const boost::json::key_value_pair *> left,
                  bool isFirst) {
    if (left.empty())
      return text(from, "}");
    for (size_t i = 0; i < left.size() && tries < 20'000; ++i) {
      ++tries;
      StackId at = isFirst ? from : text(from, ",");
      at = text(at, boost::json::serialize(boost::json::string(left[i]->key())) + ":");
      at = at == kDead ? kDead : value(at, left[i]->value());
      if (at == kDead)
        continue;
      auto rest = left;
      rest.erase(rest.begin() + long(i));
      if (StackId end = members(at, rest, false); end != kDead)
        return end;
    }
    return kDead;
  }

  Steps &steps;
  int tries = 0;
};

/// A text of random tokens; those that end something are likely, so that it comes to its end.
boost::json::value sample(const rt::Schema &schema, std::mt19937 &random) {
  auto trie = test::byteVocabulary();
  rt::Constraint constraint(schema, trie);
  std::string text;
  for (int step = 0; step < 5000; ++step) {
    std::vector<int32_t> ids, closing;
    auto mask = constraint.allowed();
    for (int32_t id = 0; id < trie->vocabulary(); ++id)
      if (mask[size_t(id) / 64] >> (id % 64) & 1) {
        ids.push_back(id);
        if (trie->piece(id).find_first_of("\"]}") != std::string_view::npos)
          closing.push_back(id);
      }
    if (constraint.mayEnd() && (ids.empty() || random() % 2 == 0))
      return boost::json::string(text);
    if (ids.empty())
      return boost::json::string("dead end behind " + text);
    bool closes = !closing.empty() && random() % 2 == 0;
    const auto &from = closes ? closing : ids;
    int32_t id = from[random() % from.size()];
    if (!constraint.take(id))
      return boost::json::string("not taken behind " + text);
    text += trie->piece(id);
  }
  return nullptr;
}

boost::json::object answer(const boost::json::object &request) {
  auto schema = rt::compileSchema(boost::json::serialize(request.at("schema")));
  if (!schema)
    return {{"error", schema.error().message}};
  boost::json::array reached, samples;
  Steps steps(*schema);
  for (const auto &instance : request.at("instances").as_array()) {
    StackId end = Reach(steps).value(steps.start(), instance);
    reached.push_back(end != kDead && steps.isDone(end));
  }
  std::mt19937 random(request.at("seed").to_number<uint32_t>());
  for (int64_t i = request.at("samples").to_number<int64_t>(); i > 0; --i)
    samples.push_back(sample(*schema, random));
  return {{"reached", reached}, {"samples", samples}};
}

} // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line))
    std::cout << boost::json::serialize(answer(boost::json::parse(line).as_object())) << std::endl;
}
