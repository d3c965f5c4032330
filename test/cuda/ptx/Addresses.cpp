// Where values lie: stack slots, addresses in each space, and tests that a kernel may touch them.
#include "test/cuda/machine/DeviceMemory.h"
#include "test/cuda/machine/Thread.h"
#include "test/cuda/ptx/Emitter.h"

#include <llvm/IR/MDBuilder.h>

#include <algorithm>
#include <cstddef>

namespace osscc::standin {

llvm::Value *Emitter::words(const std::vector<llvm::Value *> &values, size_t least) {
  size_t count = std::max(values.size(), least);
  if (!scratch || scratch->getAllocatedType()->getArrayNumElements() < count)
    scratch = llvm::cast<llvm::AllocaInst>(
        slot(llvm::ArrayType::get(b.getInt32Ty(), std::max<size_t>(count, 32))));
  for (size_t i = 0; i < values.size(); ++i)
    b.CreateStore(values[i], b.CreateConstGEP1_64(b.getInt32Ty(), scratch, i));
  return scratch;
}

llvm::Value *Emitter::slot(llvm::Type *type) {
  llvm::IRBuilder<>::InsertPointGuard guard(b);
  llvm::BasicBlock &entry = irFunction->getEntryBlock();
  b.SetInsertPoint(&entry, entry.begin());
  return b.CreateAlloca(type);
}

Space Emitter::takeSpace() {
  static const std::pair<const char *, Space> kSpaces[] = {
      {"global", Space::kGlobal},      {"shared", Space::kShared},
      {"shared::cta", Space::kShared}, {"shared::cluster", Space::kShared},
      {"local", Space::kLocal},        {"const", Space::kConst},
      {"param", Space::kParam},        {"param::entry", Space::kParam},
      {"param::func", Space::kParam}};
  for (auto [name, space] : kSpaces)
    if (take(name))
      return space;
  return Space::kGeneric;
}

llvm::Value *Emitter::address(const Operand &operand, Space space) {
  if (operand.kind == Operand::kInteger)
    return number(operand.bits, 64);
  if (operand.kind != Operand::kName)
    fail("not an address");
  if (auto found = registers.find(operand.name); found != registers.end()) {
    llvm::AllocaInst *at = found->second;
    llvm::Value *held = b.CreateLoad(at->getAllocatedType(), at);
    if (held->getType()->getIntegerBitWidth() < 32)
      fail("an address of fewer than 32 bits");
    llvm::Value *offset = llvm::ConstantInt::get(held->getType(), operand.bits, true, true);
    return b.CreateZExt(b.CreateAdd(held, offset), b.getInt64Ty());
  }
  auto symbol = symbols.find(operand.name);
  if (symbol == symbols.end())
    fail("unknown name " + operand.name);
  if (space != Space::kGeneric && space != symbol->second.space)
    fail(operand.name + " lies in another space");
  return b.CreateAdd(symbol->second.value, number(operand.bits, 64));
}

llvm::Value *Emitter::field(size_t offset, llvm::Type *type) {
  llvm::Value *at = b.CreateConstInBoundsGEP1_64(b.getInt8Ty(), thread(), offset);
  llvm::LoadInst *load = b.CreateLoad(type, at);
  load->setMetadata(llvm::LLVMContext::MD_invariant_load, llvm::MDNode::get(b.getContext(), {}));
  return load;
}

/// Calls the machine if an access looks wrong; it fails or lets it pass.
void Emitter::test(llvm::Value *isWrong, const char *entry,
                   llvm::ArrayRef<llvm::Value *> arguments) {
  llvm::BasicBlock *wrong = newBlock("wrong"), *right = newBlock("right");
  b.CreateCondBr(isWrong, wrong, right,
                 llvm::MDBuilder(b.getContext()).createUnlikelyBranchWeights());
  b.SetInsertPoint(wrong);
  llvm::CallInst *tell = call(entry, b.getVoidTy(), arguments);
  tell->setOnlyAccessesInaccessibleMemory();
  tell->addFnAttr(llvm::Attribute::Cold);
  b.CreateBr(right);
  b.SetInsertPoint(right);
}

void Emitter::watch(llvm::Value *address, int64_t bytes, Touch touch) {
  if (isWatched && touch != Touch::kOrdered)
    call("standin_watch", b.getVoidTy(),
         {thread(), line(), address, number(uint64_t(bytes)), number(touch == Touch::kStore)});
}

bool Emitter::isUsed(const Operand &operand) const {
  auto found = mentions.find(operand.name);
  return found != mentions.end() && found->second > 1;
}

llvm::Value *Emitter::pointer(llvm::Value *address, Space space, int64_t bytes, Touch touch) {
  llvm::Type *pointer = b.getPtrTy();
  if (space == Space::kLocal || space == Space::kParam)
    return b.CreateIntToPtr(address, pointer);
  llvm::Value *size = number(uint64_t(bytes), 64);
  llvm::Value *misaligned =
      b.CreateICmpNE(b.CreateAnd(address, number(uint64_t(bytes) - 1, 64)), number(0, 64));
  if (space == Space::kShared) {
    llvm::Value *all =
        b.CreateZExt(field(offsetof(Thread, allShared), b.getInt32Ty()), b.getInt64Ty());
    llvm::Value *wrong = b.CreateOr(b.CreateICmpUGT(b.CreateAdd(address, size), all), misaligned);
    test(wrong, "standin_check_shared", {thread(), line(), address, size});
    watch(address, bytes, touch);
    return b.CreateGEP(b.getInt8Ty(), field(offsetof(Thread, shared), pointer), address);
  }
  // Of an aligned access one granule of the map tells all, of a larger one its last granule.
  llvm::Value *arena = b.CreatePtrToInt(field(offsetof(Thread, arena), pointer), b.getInt64Ty());
  llvm::Value *capacity = field(offsetof(Thread, capacity), b.getInt64Ty());
  int64_t tested = std::min<int64_t>(bytes, DeviceMemory::kGranule);
  llvm::Value *place =
      b.CreateAdd(b.CreateSub(address, arena), number(uint64_t(bytes - tested), 64));
  llvm::Value *granule =
      b.CreateLShr(b.CreateBinaryIntrinsic(llvm::Intrinsic::umin, place, capacity), number(4, 64));
  llvm::Value *at = b.CreateGEP(b.getInt8Ty(), field(offsetof(Thread, valid), pointer), granule);
  llvm::Value *found = b.CreateLoad(b.getInt8Ty(), at);
  llvm::Value *room = b.CreateZExt(b.CreateAnd(found, b.getInt8(0x7f)), b.getInt64Ty());
  llvm::Value *last = b.CreateAdd(b.CreateAnd(place, number(15, 64)), number(uint64_t(tested), 64));
  llvm::Value *wrong = b.CreateOr(b.CreateICmpUGT(last, room), misaligned);
  test(wrong, "standin_check",
       {thread(), line(), address, number(uint64_t(bytes)), number(space == Space::kGeneric)});
  return b.CreateIntToPtr(address, pointer);
}

llvm::Value *Emitter::special(const std::string &name) {
  static const std::map<std::string, size_t> kVectors = {{"%tid", offsetof(Thread, tid)},
                                                         {"%ntid", offsetof(Thread, ntid)},
                                                         {"%ctaid", offsetof(Thread, ctaid)},
                                                         {"%nctaid", offsetof(Thread, nctaid)}};
  static const std::map<std::string, size_t> kWords = {
      {"%laneid", offsetof(Thread, lane)},
      {"%warpid", offsetof(Thread, warp)},
      {"%nwarpid", offsetof(Thread, warps)},
      {"%dynamic_smem_size", offsetof(Thread, dynamicShared)},
      {"%total_smem_size", offsetof(Thread, allShared)}};
  size_t dot = name.find('.');
  auto vector = kVectors.find(name.substr(0, dot));
  if (vector != kVectors.end() && dot != std::string::npos)
    if (size_t axis = std::string("xyz").find(name.substr(dot + 1)); axis != std::string::npos)
      return field(vector->second + 4 * axis, b.getInt32Ty());
  if (auto word = kWords.find(name); word != kWords.end())
    return field(word->second, b.getInt32Ty());
  if (name == "%clock" || name == "%clock64" || name == "%globaltimer")
    return intrinsic(llvm::Intrinsic::readcyclecounter, {}, {});
  static const std::map<std::string, int> kMasks = {{"%lanemask_eq", 0},
                                                    {"%lanemask_le", 1},
                                                    {"%lanemask_lt", 2},
                                                    {"%lanemask_ge", 3},
                                                    {"%lanemask_gt", 4}};
  if (auto mask = kMasks.find(name); mask != kMasks.end()) {
    llvm::Value *own = b.CreateShl(number(1), field(offsetof(Thread, lane), b.getInt32Ty()));
    llvm::Value *below = b.CreateSub(own, number(1));
    llvm::Value *choices[] = {own, b.CreateOr(own, below), below, b.CreateNot(below),
                              b.CreateNot(b.CreateOr(own, below))};
    return choices[mask->second];
  }
  if (name == "WARP_SZ")
    return number(kLanes);
  fail("unknown name " + name);
}

} // namespace osscc::standin
