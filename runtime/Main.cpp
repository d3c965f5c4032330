// Where every compiled assistant begins. osscc links this with the emitted code, which defines
// osscc_module.
#include "runtime/cli/Run.h"
#include "runtime/device/Stack.h"

int main(int argc, char **argv) {
  std::vector<std::string> arguments(argv + (argc > 0), argv + argc);
  return osscc::rt::withEnoughStack([&] {
    return osscc::rt::cli::run(argc > 0 ? argv[0] : "assistant", std::move(arguments),
                               osscc_module);
  });
}
