#include "compiler/pipeline/Report.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Process.h"
#include <cmath>
#include <cstdlib>

namespace osscc {

namespace {

using llvm::errs;
using Seconds = std::chrono::duration<double>;

/// Whether a variable of the environment is there and not empty.
bool isSet(const char *name) {
  const char *value = std::getenv(name);
  return value && *value;
}

std::string formatted(const char *format, double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format(format, value);
  return text;
}

/// The unit in which so many bytes are told, and its bytes.
std::pair<const char *, double> unitOf(uint64_t bytes) {
  if (bytes >= 1'000'000'000)
    return {"GB", 1e9};
  if (bytes >= 1'000'000)
    return {"MB", 1e6};
  return {"kB", 1e3};
}

/// "Q4_K, Q6_K and f32": the formats of the weights, most values first.
std::string formatsOf(const bundle::BundleT &assets) {
  llvm::MapVector<llvm::StringRef, uint64_t> formats;
  for (const auto &weight : assets.weights)
    formats[weight->format] += weight->parameters;
  auto ordered = formats.takeVector();
  llvm::sort(ordered, [](auto &a, auto &b) {
    return std::tie(b.second, a.first) < std::tie(a.second, b.first);
  });
  std::string last = ordered.empty() ? "" : ordered.pop_back_val().first.str();
  std::string others = llvm::join(llvm::make_first_range(ordered), ", ");
  return others.empty() ? last : others + " and " + last;
}

} // namespace

std::string byteText(uint64_t bytes) {
  if (bytes < 1000)
    return std::to_string(bytes) + " bytes";
  auto [unit, size] = unitOf(bytes);
  return formatted("%.1f ", static_cast<double>(bytes) / size) + unit;
}

Report::Report(Detail level, int steps)
    : level(level), steps(steps), terminal(llvm::sys::Process::StandardErrIsDisplayed() &&
                                           llvm::StringRef(std::getenv("TERM")) != "dumb"),
      colours(terminal && !isSet("NO_COLOR")) {}

double Report::seconds() const {
  return Seconds(Clock::now() - start).count();
}

llvm::raw_ostream &Report::paint(llvm::raw_ostream::Colors colour, llvm::StringRef text) {
  if (!colours)
    return errs() << text;
  errs().enable_colors(true);
  errs().changeColor(colour, /*Bold=*/true) << text;
  return errs().resetColor();
}

void Report::clearLine() {
  if (drawn)
    errs() << "\r\x1b[K";
  drawn = false;
}

std::string Report::tag(llvm::StringRef name) const {
  return "[" + std::to_string(number) + "/" + std::to_string(steps) + "] " + name.str();
}

void Report::step(llvm::StringRef name, llvm::StringRef what) {
  auto now = Clock::now();
  if (level == Detail::Verbose && number > 0)
    detail(current + " took " + formatted("%.2f s", Seconds(now - stepped).count()));
  ++number;
  stepped = told = now;
  current = name.str();
  if (level == Detail::Quiet)
    return;
  clearLine();
  drawn = terminal && level == Detail::Normal;
  // A line that is wiped again must not wrap.
  unsigned columns = llvm::sys::Process::StandardErrColumns();
  std::string line = tag(name) + "   " + what.str();
  if (drawn && columns > 1 && line.size() >= columns)
    line.resize(columns - 1);
  errs() << line << (drawn ? "" : "\n");
}

void Report::detail(const llvm::Twine &text) {
  if (level == Detail::Verbose)
    errs() << "      " << text << "\n";
}

void Report::say(const llvm::Twine &text) {
  clearLine();
  if (level != Detail::Quiet)
    errs() << text << "\n";
}

void Report::progress(const BundleProgress &done) {
  auto now = Clock::now();
  bool last = done.weights == done.allWeights;
  // Often enough to be alive, seldom enough to cost nothing: a log wants a line now and then.
  auto pause = terminal ? std::chrono::milliseconds(100) : std::chrono::seconds(5);
  if (level == Detail::Quiet || (last ? terminal : now - told < pause))
    return;
  told = now;
  clearLine();
  auto [unit, size] = unitOf(done.allBytes);
  double elapsed = std::max(1e-6, Seconds(now - stepped).count());
  double rate = static_cast<double>(done.bytes) / elapsed;
  errs() << tag(current) << "   " << done.weights << "/" << done.allWeights << " tensors   "
         << llvm::format("%.1f/%.1f ", static_cast<double>(done.bytes) / size,
                         static_cast<double>(done.allBytes) / size)
         << unit << "   " << byteText(static_cast<uint64_t>(rate)) << "/s";
  if (!last && rate > 0)
    errs() << llvm::format("   ETA %.0f s", static_cast<double>(done.allBytes - done.bytes) / rate);
  drawn = terminal && level == Detail::Normal;
  if (!drawn)
    errs() << "\n";
}

void Report::summary(llvm::StringRef output, const Written &written, const bundle::BundleT &assets,
                     const Memory &memory) {
  clearLine();
  if (level == Detail::Quiet)
    return;
  uint64_t parameters = 0;
  for (const auto &weight : assets.weights)
    parameters += weight->parameters;
  double each =
      parameters ? static_cast<double>(written.weights) / static_cast<double>(parameters) : 0;
  uint64_t context = assets.model ? assets.model->context : 0;
  paint(llvm::raw_ostream::GREEN, output)
      << ": " << byteText(written.file)
      << llvm::format(", %.1f M parameters as ", static_cast<double>(parameters) / 1e6)
      << formatsOf(assets) << llvm::format(", %.2f bytes a weight", each)
      << llvm::format(", in %.1f s\n", seconds());
  errs() << "target " << assets.target << "\n"
         << "memory " << byteText(memory.weights) << " of weights, " << byteText(memory.cache)
         << " of cache at the full context of " << context << " tokens, "
         << byteText(memory.scratch) << " of scratch\n";
  for (const auto &[name, loss] : written.losses)
    paint(llvm::raw_ostream::MAGENTA, "note: ")
        << name << " is read, not kept: "
        << formatted("%.1f M values are stored as ", static_cast<double>(loss.values) / 1e6)
        << loss.stored
        << (loss.errors == 0
                ? ", exactly\n"
                : formatted(", %.2g %% off (root mean square)\n",
                            100 * std::sqrt(loss.errors / std::max(loss.squares, 1e-300))));
  licence(output, assets);
  errs() << "try: " << (output.contains('/') ? "" : "./") << output
         << " \"Why is the sky blue?\"\n";
}

void Report::licence(llvm::StringRef output, const bundle::BundleT &assets) {
  if (assets.model->licence_class == bundle::LicenceClass::Unknown)
    paint(llvm::raw_ostream::MAGENTA, "note: ")
        << (assets.model->licence == "unknown"
                ? std::string("the licence of the weights is unknown")
                : "what the licence of the weights, " + assets.model->licence +
                      ", permits is not known")
        << "; whoever passes the executable on passes them on\n";
  if (assets.model->licence_class == bundle::LicenceClass::Restricted)
    paint(llvm::raw_ostream::YELLOW, "warning: ")
        << "the licence of the weights, " << assets.model->licence
        << ", restricts what may be done with them, and with the executable; read it first: "
        << (output.contains('/') ? "" : "./") << output << " licenses\n";
}

void Report::note(const llvm::Twine &text) {
  clearLine();
  if (level != Detail::Quiet)
    paint(llvm::raw_ostream::MAGENTA, "note: ") << text << "\n";
}

void Report::notes(const Notes &notes) {
  for (const Note &each : notes.all())
    note(llvm::Twine(each.where) + ": " + each.message);
  if (notes.more() > 0)
    note("and " + llvm::Twine(notes.more()) + " more");
}

void Report::error(const InputError &error) {
  clearLine();
  errs() << error.where << ": ";
  paint(llvm::raw_ostream::RED, "error: ") << error.message << "\n";
  if (!error.help.empty())
    paint(llvm::raw_ostream::CYAN, "help: ") << error.help << "\n";
}

void Report::internalError(llvm::StringRef message, llvm::StringRef reproducer) {
  clearLine();
  errs() << "osscc: ";
  paint(llvm::raw_ostream::RED, "internal error: ") << message << "\n";
  if (!reproducer.empty())
    paint(llvm::raw_ostream::CYAN, "note: ")
        << "the reproducer is " << reproducer << "; it holds shapes and names, no weights\n";
  paint(llvm::raw_ostream::CYAN, "help: ")
      << "this is a bug of osscc; report it with the command, the model's name"
      << (reproducer.empty() ? "" : " and the reproducer") << "\n";
}

} // namespace osscc
