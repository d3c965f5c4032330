#include "targets/cpu/attention/Temperature.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace osscc::cpu {

Value emitTemperature(const Emitter &emit, Value position, tile::TemperatureAttr temperature) {
  OpBuilder &builder = emit.builder;
  Type f32 = builder.getF32Type();
  Value steps = emit.div(emit.add(position, temperature.getOffset()), temperature.getStep());
  Value integer = arith::IndexCastOp::create(builder, emit.loc, builder.getI64Type(), steps);
  Value growth = math::Log1pOp::create(builder, emit.loc,
                                       arith::SIToFPOp::create(builder, emit.loc, f32, integer));
  return emit.fma(growth, emit.real(temperature.getScale().getValueAsDouble(), f32),
                  emit.real(1, f32));
}

} // namespace osscc::cpu
