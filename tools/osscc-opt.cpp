// Runs passes on IR in text, for the tests of lowering and for people who read one stage at a time.
#include "compiler/pipeline/Register.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  osscc::registerDialects(registry);
  osscc::registerPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "osscc pass runner\n", registry));
}
