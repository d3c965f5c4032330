// The activations of the llm dialect as code.
#pragma once

#include "dialects/llm/Llm.h"

namespace osscc {

/// What an MLP makes of its gate and its up projection, scalars of f32.
mlir::Value emitActivation(mlir::OpBuilder &builder, mlir::Location loc,
                           llm::ActivationAttr activation, mlir::Value gate, mlir::Value up);

/// x / (1 + exp(-gate)), scalars of f32.
mlir::Value emitGate(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x, mlir::Value gate);

/// cap * tanh(x / cap), of a scalar of f32.
mlir::Value emitSoftcap(mlir::OpBuilder &builder, mlir::Location loc, double cap, mlir::Value x);

} // namespace osscc
