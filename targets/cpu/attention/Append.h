// The append of one row, which append and attend share.
#pragma once

#include "targets/cpu/attention/Pages.h"
#include "targets/cpu/attention/Rope.h"

namespace osscc::cpu {

/// A row whose keys and values go to the page of its position.
struct AppendedRow {
  mlir::Value k, v, row, slot;
  Page page;
  llvm::SmallVector<Angles> angles; ///< of the keys, where they are rotated on the way
};

AppendedRow appendedRow(PageAccess access, mlir::Value k, mlir::Value v,
                        const std::optional<Rotation> &rotation, mlir::Value row);

/// Emits the append of one head.
void emitAppend(PageAccess access, const AppendedRow &from, mlir::Value head);

} // namespace osscc::cpu
