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

// RFC 3986, appendix A, as far as it is regular in few words.
const std::string kEscape = "%[0-9A-Fa-f]{2}";
const std::string kPathPart = "([A-Za-z0-9._~!$&'()*+,;=:@/-]|" + kEscape + ")*";
const std::string kQuery = "(\\?([A-Za-z0-9._~!$&'()*+,;=:@/?-]|" + kEscape +
                           ")*)?"
                           "(#([A-Za-z0-9._~!$&'()*+,;=:@/?-]|" +
                           kEscape + ")*)?";
const std::string kAuthority = "//(([A-Za-z0-9._~!$&'()*+,;=:-]|" + kEscape + ")*@)?" +
                               "([A-Za-z0-9._~!$&'()*+,;=-]|" + kEscape + ")+(:\\d*)?";
const std::string kUri = "[A-Za-z][A-Za-z0-9+.-]*:(" + kAuthority + "(/" + kPathPart + ")?|" +
                         "/?([A-Za-z0-9._~!$&'()*+,;=:@-]|" + kEscape + ")" + kPathPart + ")" +
                         kQuery;
const std::string kUuid = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}";
const std::string kEmail = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,32}"
                           "(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,32})?@" +
                           kHost;
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
  static const Format kFormats[] = {{"date", whole(kDate)},
                                    {"time", whole(kTime)},
                                    {"date-time", whole(kDate + "T" + kTime)},
                                    {"duration", whole(kDuration)},
                                    {"email", whole(kEmail)},
                                    {"hostname", whole(kHost)},
                                    {"ipv4", whole(kIp4)},
                                    {"ipv6", whole(ip6())},
                                    {"uri", whole(kUri)},
                                    {"uuid", whole(kUuid)},
                                    {"json-pointer", whole(kPointer)}};
  for (const Format &format : kFormats)
    if (format.name == name)
      return format.expression;
  return {};
}

} // namespace osscc::rt::schema
