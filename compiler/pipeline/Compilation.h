// One compilation: the model on its way from files to an executable, and what is reported of it.
#pragma once

#include "compiler/import/Import.h"
#include "compiler/pipeline/Driver.h"
#include "compiler/pipeline/Report.h"
#include "compiler/pipeline/StageRunner.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/ThreadPool.h"

namespace osscc {

class Compilation {
public:
  explicit Compilation(const DriverOptions &options);

  /// import ─▶ lower ─▶ emit ─▶ link ─▶ pack ─▶ verify, as far as the options go.
  /// \errors  InputError for what a user can mend; any other error is a bug of ours.
  llvm::Error run();

  Report &report() { return told; }

  /// After a bug: the name of a file from which it can be repeated, written now unless a pass has
  /// done so; empty where there is nothing to repeat yet, or no place for it.
  std::string keepReproducer();

private:
  llvm::Error readSystem();
  llvm::Error import();
  llvm::Error lower();
  llvm::Error finishStage(Stage stage);
  llvm::Error emitMachineCode();
  llvm::Expected<llvm::SmallVector<char, 0>> machineCode(llvm::CodeGenFileType kind);
  llvm::Error linkAndWrite(llvm::ArrayRef<char> object);
  llvm::Error verify(const std::string &output);
  llvm::Error writeFile(const std::string &path, llvm::StringRef bytes);
  /// Writes a stage's text or code beside the output, under --save-temps.
  llvm::Error keep(llvm::StringRef ending, llvm::function_ref<void(llvm::raw_ostream &)> print);
  std::string outputPath() const;
  void describe(bundle::BundleT &assets);
  int stepCount() const;

  const DriverOptions &options;
  Report told;
  mlir::DefaultTimingManager timing;
  mlir::TimingScope root;
  mlir::DialectRegistry registry;
  llvm::DefaultThreadPool threads;
  mlir::MLIRContext context;
  std::unique_ptr<Target> target;
  PipelineOptions pipeline;
  ImportedModel model;
  mlir::OwningOpRef<mlir::ModuleOp> packed; ///< For --verify: the graph over stored weights.
  Memory memory = {};
  std::string system, reproducer;
};

} // namespace osscc
