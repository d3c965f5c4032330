#include "runtime/chat/ChatFile.h"

#include "runtime/base/File.h"
#include "runtime/chat/Conversation.h"

#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace osscc::rt::cli {
namespace {

constexpr std::string_view kBegin = "{\"messages\":"; // of what Transcript::save() gives

/// Whether a plain file begins as a chat does. No other kind is opened: it may have no end.
bool holdsChat(const std::string &path) {
  struct stat file{};
  if (stat(path.c_str(), &file) != 0 || !S_ISREG(file.st_mode))
    return false;
  int opened = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  char begin[kBegin.size()];
  bool is = opened >= 0 && read(opened, begin, sizeof begin) == ssize_t(sizeof begin) &&
            std::string_view(begin, sizeof begin) == kBegin;
  if (opened >= 0)
    close(opened);
  return is;
}

/// Whether a path leads to something, be it only a link that leads to nothing.
bool isThere(const std::string &path) {
  struct stat file{};
  return lstat(path.c_str(), &file) == 0;
}

Status checkTarget(const Conversation &conversation, const std::string &path, bool mayReplace) {
  if (path.empty())
    return fail(Code::kInvalidArgument, "a file's name is missing", "/save FILE");
  if (!isThere(path))
    return {};
  if (!holdsChat(path))
    return fail(Code::kInvalidArgument, path + ": is there already, and is no chat",
                "give another name");
  if (!mayReplace && path != conversation.file())
    return fail(Code::kInvalidArgument, path + ": is there already, and holds another chat",
                "/save! FILE replaces it");
  return {};
}

} // namespace

Status saveChat(Conversation &conversation, const std::string &path, bool mayReplace) {
  OSSCC_RETURN_IF_ERROR(checkTarget(conversation, path, mayReplace));
  auto existing = isThere(path) ? Existing::kReplace : Existing::kKeep;
  OSSCC_RETURN_IF_ERROR(writeFile(path, conversation.save(), existing));
  conversation.setFile(path);
  return {};
}

Status loadChat(Conversation &conversation, const std::string &path) {
  if (path.empty() || path == "-")
    return fail(Code::kInvalidArgument, "a file's name is missing", "/load FILE");
  auto text = readAll(path, limitByMemory());
  if (!text)
    return std::unexpected(std::move(text).error());
  Status status = conversation.load(*text);
  if (!status)
    status.error().message = path + ": " + status.error().message;
  else
    conversation.setFile(path);
  return status;
}

} // namespace osscc::rt::cli
