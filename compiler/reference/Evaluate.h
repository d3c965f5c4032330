// Runs functions of the llm dialect in plain loops, op after op: the judge of all numbers. Serves
// osscc-eval, `osscc
// --verify` and the tests; takes a module as import makes it or as --emit=graph and --emit=packed
// print it.
//
//   @embed ─▶ hidden rows ─▶ @layer_0 ─▶ ... ─▶ @layer_L-1 ─▶ @head ─▶ logits
//                               └──── keys, values: Cache ────┘
#pragma once

#include "compiler/reference/Operations.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace osscc::reference {

/// The rows of whole sequences from position 0 on, one after the other, all of them output rows.
Rows rowsOf(llvm::ArrayRef<std::vector<int64_t>> sequences);

/// Evaluates one function.
///
/// \param rows       what its `!llm.rows` stands for.
/// \param cache      what its `!llm.cache` stands for; written by `kv_append`.
/// \param inputs     its tensor arguments, in order.
/// \param directory  the checkpoint's folder, for `pack.get`; unread where the function has none.
/// \returns what the function returns.
/// \errors  InputError: an op that is not evaluated, rows that do not fit, a weight that cannot be
/// read.
llvm::Expected<std::vector<Tensor>> evaluateFunction(mlir::func::FuncOp function, const Rows &rows,
                                                     Cache &cache, llvm::ArrayRef<Tensor> inputs,
                                                     llvm::StringRef directory);

/// Evaluates a model on one call, with an empty cache before it: a row's past must be among the
/// rows.
///
/// \returns logits of the output rows, [O, V]; of all rows, [T, V], as long as
/// `llm-specialize-rows` has not run.
/// \errors  as evaluateFunction, and: no llm.config, a segment that is missing or of another shape,
/// a position beyond
///          the model's.
/// Cost: each weight is read once; [T, V] floats of memory, and the largest weight as f32.
llvm::Expected<Tensor> evaluateModel(mlir::ModuleOp module, llvm::StringRef directory,
                                     const Rows &rows);

} // namespace osscc::reference
