#include "runtime/schema/Formats.h"

#include <string>

namespace osscc::rt::schema {
namespace {

// RFC 3339, section 5.6: leap days in leap years only; no year 0, which many calendars lack.
const std::string kDays31 = "-(0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])";
const std::string kDays30 = "-(0[469]|11)-(0[1-9]|[12]\\d|30)";
const std::string kFebruary = "-02-(0[1-9]|1\\d|2[0-8])";
const std::string kYear = "(\\d{3}[1-9]|\\d\\d[1-9]\\d|\\d[1-9]\\d\\d|[1-9]\\d{3})";
const std::string kLeapYear = "(\\d\\d(0[48]|[2468][048]|[13579][26])|"
                              "(0[48]|[2468][048]|[13579][26])00)";
const std::string kDate =
    "(" + kYear + "(" + kDays31 + "|" + kDays30 + "|" + kFebruary + ")|" + kLeapYear + "-02-29)";
const std::string kTime = "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?"
                          "(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)";

const std::string kByte = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const std::string kIp4 = kByte + "(\\." + kByte + "){3}";
const std::string kLabel = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const std::string kHost = kLabel + "(\\." + kLabel + ")*";

/// RFC 4291, section 2.2: at most eight groups, one run of them as "::".
std::string ip6() {
  const std::string group = "[0-9A-Fa-f]{1,4}";
  std::string all = "(" + group + ":){7}" + group + "|(" + group + ":){6}" + kIp4;
  for (int before = 0; before <= 7; ++before) {
    std::string count = std::to_string(before - 1), left = std::to_string(6 - before);
    std::string head = before == 0 ? "" : group + "(:" + group + "){" + count + "}";
    all += "|" + head + "::";
    if (before < 7)
      all += "(" + group + "(:" + group + "){0," + left + "})?";
    if (before < 6)
      all += "|" + head + "::(" + group + ":){0," + std::to_string(5 - before) + "}" + kIp4;
  }
  return all;
}

const std::string kEscape = "%[0-9A-Fa-f]{2}";

/// RFC 3986, appendix A, as far as it is regular in few words; with more characters, of RFC 3987.
struct UriSyntax {
  explicit UriSyntax(const std::string &more)
      : word("A-Za-z0-9._~!$&'()*+,;=" + more), path(anyOf(word + ":@/-")),
        query("(\\?" + anyOf(word + ":@/?-") + ")?(#" + anyOf(word + ":@/?-") + ")?"),
        authority("//(" + anyOf(word + ":-") + "@)?([" + word + "-]|" + kEscape + ")+(:\\d*)?") {}

  std::string uri() const {
    return "[A-Za-z][A-Za-z0-9+.-]*:(" + authority + "(/" + path + ")?|/?([" + word + ":@-]|" +
           kEscape + ")" + path + ")" + query;
  }
  std::string reference() const {
    std::string first = "([" + word + "@-]|" + kEscape + ")+"; // a colon would end a scheme
    return "(" + uri() + "|(" + authority + "(/" + path + ")?|/([" + word + ":@-]" + path + ")?|" +
           first + "(/" + path + ")?)?" + query + ")";
  }

private:
  static std::string anyOf(const std::string &set) { return "([" + set + "]|" + kEscape + ")*"; }

  std::string word, path, query, authority;
};
const UriSyntax kAscii("");
const UriSyntax kInternational("\\u00A0-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFEF");

/// RFC 6570, section 2.
const std::string kName = "([A-Za-z0-9_]|" + kEscape + ")";
const std::string kVariable = kName + "(\\.?" + kName + ")*(:[1-9]\\d{0,3}|\\*)?";
const std::string kUriTemplate = "([!#$&(-;=?-\\[\\]_a-z~]|" + kEscape + "|\\{[+#./;?&]?" +
                                 kVariable + "(," + kVariable + ")*\\})*";

const std::string kUuid = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}";

std::string email(const std::string &more) {
  std::string atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~" + more + "-]{1,32}";
  return atom + "(\\." + atom + ")?@" + kHost;
}

/// RFC 3339, appendix A.
const std::string kDayTime = "T(\\d+H(\\d+M(\\d+S)?)?|\\d+M(\\d+S)?|\\d+S)";
const std::string kDuration =
    "P((\\d+D|\\d+M(\\d+D)?|\\d+Y(\\d+M(\\d+D)?)?)(" + kDayTime + ")?|" + kDayTime + "|\\d+W)";
const std::string kPointer = "(/([^~/]|~[01])*)*";

std::string whole(const std::string &expression) {
  return "^(" + expression + ")$";
}

} // namespace

std::string_view expressionOfFormat(std::string_view name) {
  struct Format {
    std::string_view name;
    std::string expression;
  };
  static const Format kFormats[] = {
      {"date", whole(kDate)},
      {"time", whole(kTime)},
      {"date-time", whole(kDate + "T" + kTime)},
      {"duration", whole(kDuration)},
      {"email", whole(email(""))},
      {"idn-email", whole(email("\\u00A0-\\uD7FF"))},
      {"hostname", whole(kHost)},
      {"ipv4", whole(kIp4)},
      {"ipv6", whole(ip6())},
      {"uri", whole(kAscii.uri())},
      {"uri-reference", whole(kAscii.reference())},
      {"iri", whole(kInternational.uri())},
      {"iri-reference", whole(kInternational.reference())},
      {"uri-template", whole(kUriTemplate)},
      {"uuid", whole(kUuid)},
      {"json-pointer", whole(kPointer)},
      {"relative-json-pointer", whole("(0|[1-9]\\d*)(#|" + kPointer + ")")}};
  for (const Format &format : kFormats)
    if (format.name == name)
      return format.expression;
  return {};
}

} // namespace osscc::rt::schema
