#include "test/cuda/Gpu.h"

#include <cstdlib>
#include <fstream>

#include <dlfcn.h>

namespace osscc::standin {

void *driverSymbol(const char *name) {
  static void *library = [] {
    const char *other = std::getenv("OSSCC_CUDA_DRIVER");
    setenv("OSSCC_STANDIN_SM", "90", 0); // the newest chip whose instructions are tried
    void *found = dlopen(other ? other : OSSCC_STANDIN_LIBRARY, RTLD_NOW);
    if (!found) {
      std::fprintf(stderr, "%s\n", dlerror());
      std::abort();
    }
    return found;
  }();
  void *found = dlsym(library, name);
  if (!found) {
    std::fprintf(stderr, "the driver has no %s\n", name);
    std::abort();
  }
  return found;
}

void Gpu::SetUp() {
  int device = 0;
  void *context = nullptr;
  ASSERT_EQ(cuda("cuInit", 0u), 0);
  ASSERT_EQ(cuda("cuDeviceGet", &device, 0), 0);
  ASSERT_EQ(cuda("cuDevicePrimaryCtxRetain", &context, device), 0);
  ASSERT_EQ(cuda("cuCtxSetCurrent", context), 0);
}

void Gpu::TearDown() {
  for (void *module : modules)
    cuda("cuModuleUnload", module);
  for (Address address : memory)
    cuda("cuMemFree_v2", address);
}

/// What NVIDIA's assembler says of a text, where OSSCC_PTXAS names it; empty if nothing.
static std::string assembled(const std::string &text, int sm) {
  const char *assembler = std::getenv("OSSCC_PTXAS");
  if (!assembler)
    return "";
  std::string path = testing::TempDir() + "standin.ptx";
  std::ofstream(path) << text;
  std::string command = std::string(assembler) + " -arch=sm_" + std::to_string(sm) +
                        " -o /dev/null " + path + " 2>&1";
  std::string said;
  FILE *out = popen(command.c_str(), "r");
  for (int c; (c = std::fgetc(out)) != EOF;)
    said += char(c);
  return pclose(out) ? said : "";
}

void *Gpu::load(const std::string &body, int sm) {
  std::string version = sm >= 100 ? "8.7" : sm >= 89 ? "8.4" : "7.8";
  std::string text =
      ".version " + version + "\n.target sm_" + std::to_string(sm) + "\n.address_size 64\n" + body;
  EXPECT_EQ(assembled(text, sm), "");
  std::string room(4096, '\0');
  int options[] = {5, 6};
  void *values[] = {room.data(), reinterpret_cast<void *>(room.size())};
  void *module = nullptr;
  int result = cuda("cuModuleLoadDataEx", &module, static_cast<const void *>(text.c_str()), 2u,
                    static_cast<int *>(options), static_cast<void **>(values));
  log = room.c_str();
  EXPECT_EQ(module != nullptr, result == 0);
  if (module)
    modules.push_back(module);
  return module;
}

void *Gpu::kernel(void *module, const char *name) {
  void *found = nullptr;
  EXPECT_EQ(cuda("cuModuleGetFunction", &found, module, name), 0) << name;
  return found;
}

Address Gpu::copied(const void *bytes, size_t size) {
  Address address = 0;
  EXPECT_EQ(cuda("cuMemAlloc_v2", &address, size), 0);
  EXPECT_EQ(cuda("cuMemcpyHtoD_v2", address, bytes, size), 0);
  memory.push_back(address);
  return address;
}

int Gpu::launch(void *function, Shape shape, std::vector<Address> parameters) {
  std::vector<void *> values;
  for (Address &parameter : parameters)
    values.push_back(&parameter);
  int result = cuda("cuLaunchKernel", function, shape.blocks, 1u, 1u, shape.threads, 1u, 1u,
                    shape.sharedBytes, static_cast<void *>(nullptr), values.data(),
                    static_cast<void **>(nullptr));
  return result ? result : cuda("cuCtxSynchronize");
}

std::string kernelText(const std::string &body, const std::string &before) {
  return before + R"(
.visible .entry k(.param .u64 k_in, .param .u64 k_out)
{
  .reg .b64 %in, %out, %l<16>;
  .reg .b32 %id, %i, %a, %b, %c, %d, %o, %t<32>;
  .reg .b16 %h<16>;
  .reg .f32 %f<16>;
  .reg .pred %p<8>;
  ld.param.u64 %in, [k_in];
  ld.param.u64 %out, [k_out];
  mov.u32 %id, %tid.x;
)" + body +
         "\n  ret;\n}\n";
}

std::vector<uint32_t> Gpu::each(const std::string &body, const std::vector<Words> &inputs, int sm) {
  constexpr unsigned kThreads = 64;
  auto blocks = unsigned((inputs.size() + kThreads - 1) / kThreads);
  std::string text = kernelText(R"(
  mov.u32 %i, %ctaid.x;
  mad.lo.u32 %i, %i, )" + std::to_string(kThreads) +
                                R"(, %id;
  setp.ge.u32 %p0, %i, )" + std::to_string(inputs.size()) +
                                R"(;
  @%p0 bra DONE;
  mul.wide.u32 %l0, %i, 16;
  add.u64 %in, %in, %l0;
  mul.wide.u32 %l0, %i, 4;
  add.u64 %out, %out, %l0;
  ld.global.v4.b32 {%a, %b, %c, %d}, [%in];
  )" + body + "\n  st.global.b32 [%out], %o;\nDONE:");
  return run<uint32_t>(text, {blocks, kThreads, 0}, inputs, inputs.size(), sm);
}

std::vector<uint32_t> randomWords(size_t count, uint32_t seed) {
  std::vector<uint32_t> words(count);
  uint64_t state = seed * 0x9e3779b97f4a7c15 + 1;
  for (uint32_t &word : words) {
    state = state * 6364136223846793005 + 1442695040888963407;
    word = uint32_t(state >> 32);
  }
  return words;
}

} // namespace osscc::standin
