// Which of a model's images a card runs: machine code of its compute capability, else PTX, which
// the driver compiles when it is loaded.
#pragma once

#include "runtime/abi/Abi.h"
#include "runtime/base/Status.h"

#include <string>
#include <string_view>
#include <vector>

namespace osscc::rt::cuda {

/// What decides whether an image runs.
struct Capability {
  int compute = 0; ///< compute capability 8.9 as 89
  int driver = 0;  ///< CUDA 12.4 as 12040
};

/// Whether code for `target` runs where the compute capability is `compute`: machine code on the
/// same major and no less a minor, PTX on all that is newer. "sm_90a" runs on 9.0 alone, "sm_100f"
/// on the same major.
bool runsOn(std::string_view target, int64_t kind, int compute);

/// The PTX version that an image begins with, 7.8 as 78; 0 where it names none.
int ptxVersion(std::string_view ptx);

/// The latest PTX version that a driver takes, 7.8 as 78.
int latestPtx(int driver);

/// The images of `model` that may run, the best first: machine code before PTX, of each the nearest
/// to the card before others.
std::vector<const OssccImage *> fittingImages(const OssccModel &model, Capability capability);

/// Whether only the driver's age keeps it from PTX of the model that suits the card.
bool isDriverTooOld(const OssccModel &model, Capability capability);

/// Why no image fits, and what to do: a driver that is too old for the PTX (naming both CUDA
/// versions), or a card of another compute capability (naming the osscc line that fits).
///
/// \param device  the card's name.
/// \param checkpoint  the model's name, for the osscc line.
Error refusal(const OssccModel &model, Capability capability, std::string_view device,
              std::string_view checkpoint);

} // namespace osscc::rt::cuda
