// One compilation: the model on its way from files to an executable, and what is reported of it.
#pragma once

#include "compiler/emit/BundleWriter.h"
#include "compiler/emit/Link.h"
#include "compiler/emit/Provenance.h"
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
  /// \param jobs  threads of the passes; 0: no thread but the caller's.
  Compilation(const DriverOptions &options, unsigned jobs);

  /// import ─▶ lower ─▶ emit ─▶ link ─▶ bundle ─▶ verify, as far as the options go.
  /// \errors  InputError for what a user can mend; any other error is a bug of ours.
  llvm::Error run();

  Report &report() { return told; }

  /// After a bug: the name of a file from which it can be repeated, written now unless a pass has
  /// done so; empty where there is nothing to repeat yet, or no place for it.
  std::string keepReproducer();

private:
  /// Dynamic as soon as one of the targets is a device.
  LinkKind linkKind() const;
  /// Finds what an executable is linked with, before the work.
  llvm::Error findLinked();
  llvm::Error readSystem();
  llvm::Error import();
  llvm::Error lower();
  llvm::Error lowerThrough(Stage first, Stage last, size_t tier);
  llvm::Error finishStage(Stage stage, size_t tier);
  llvm::Error emitMachineCode();
  std::vector<std::string> sourcePaths() const; ///< Every file that the model is made from.
  llvm::Expected<ObjectBytes> machineCode(size_t tier, llvm::CodeGenFileType kind);
  llvm::Error linkAndWrite(llvm::ArrayRef<ObjectBytes> objects);
  llvm::Error verify(llvm::StringRef executable);
  llvm::Error writeCard(const llvm::MemoryBuffer &image, WriteOptions &write);
  std::string scratchOutput() const;
  /// Whether all is done for an executable, be it for what it says of itself alone.
  bool makesExecutable() const { return options.emit == "exe" || options.emit == "card"; }
  /// \errors  a place that cannot be written, and one that is an input.
  llvm::Error checkOutput() const;
  llvm::Error writeFile(const std::string &path, llvm::StringRef bytes);
  /// Writes a stage's text or code beside the output, under --save-temps.
  llvm::Error keep(llvm::StringRef ending, llvm::function_ref<void(llvm::raw_ostream &)> print);
  std::string outputPath() const;
  std::string targetList() const; ///< "znver4,x86-64-v3"
  /// What files kept of a target other than the first have in their names: ".x86-64-v3".
  std::string tierEnding(size_t tier) const;
  mlir::ModuleOp moduleOf(size_t tier);
  void describe(bundle::BundleT &assets);
  int stepCount() const;

  const DriverOptions &options;
  Report told;
  mlir::DefaultTimingManager timing;
  mlir::TimingScope root;
  mlir::DialectRegistry registry;
  std::unique_ptr<llvm::ThreadPoolInterface> threads;
  mlir::MLIRContext context;
  std::vector<std::unique_ptr<Target>> targets; ///< Best first.
  PipelineOptions pipeline;
  ImportedModel model; ///< Its module becomes the code of the first target.
  std::vector<mlir::OwningOpRef<mlir::ModuleOp>> others; ///< The code of the other targets.
  mlir::OwningOpRef<mlir::ModuleOp> packed; ///< For --verify: the graph over stored weights.
  Memory memory = {};
  std::optional<ProvenanceReader> provenance; ///< From code generation on, of an executable.
  std::string resources;                      ///< The folder that an executable is linked with.
  std::string system, reproducer;
};

} // namespace osscc
