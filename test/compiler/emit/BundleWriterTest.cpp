// Executables that are linked, written, run, stripped and run again, and the ways in which writing
// fails.
#include "test/compiler/emit/ExecutableFixture.h"

#include "runtime/bundle/Payload.h"
#include "llvm/Support/Program.h"
#include <cstdlib>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

using namespace osscc;

namespace {

class BundleWriter : public ExecutableTest {
protected:
  /// Entries of the folder, "." and ".." left out.
  int entries(const std::string &where) {
    std::error_code code;
    int count = 0;
    for (llvm::sys::fs::directory_iterator at(where, code), end; at != end; at.increment(code))
      ++count;
    return count;
  }
};

TEST_F(BundleWriter, TheExecutableFindsItsPayload) {
  auto linked = image();
  ASSERT_EQ(write(*linked, path("probe")), "");
  auto [status, printed] = run(path("probe"));
  EXPECT_EQ(status, 0);
  EXPECT_EQ(printed.substr(0, 8), "weights ");
  EXPECT_EQ(lastProgress, std::make_pair(written.weights, written.weights));
  std::string file = bytesOf(path("probe"));
  EXPECT_EQ(written.file, file.size());
  EXPECT_EQ(written.weights, 4096 + uint64_t(kRows) * kChannels * 2);
  EXPECT_EQ(file.find(folder.str().str()), std::string::npos) << "a path of this machine got in";
  EXPECT_EQ(file.find(OSSCC_RESOURCES), std::string::npos);
  EXPECT_EQ(entries(path("")), 2) << "nothing but the source and the executable";

  auto *flat = bundle::GetBundle(file.data() + file.size() - written.index);
  EXPECT_EQ(flat->version(), bundle::kPayloadVersion);
  EXPECT_EQ(flat->weights()->size(), 2u);
  EXPECT_EQ(flat->weights()->Get(1)->format()->str(), "bf16");
  EXPECT_EQ(flat->weights()->Get(1)->parameters(), uint64_t(kRows) * kChannels);
  EXPECT_EQ(flat->sources()->Get(0)->bytes(), uint64_t(kRows) * kChannels * 2);
  EXPECT_EQ(flat->sources()->Get(0)->sha256()->size(), 64u);
}

TEST_F(BundleWriter, SurvivesStripping) {
  auto linked = image();
  ASSERT_EQ(write(*linked, path("probe")), "");
  std::string expected = run(path("probe")).second;
  for (const char *command : {"strip", "llvm-strip-22", "llvm-strip-22 --strip-sections",
                              "objcopy -S", "llvm-objcopy-22 -S"}) {
    llvm::sys::fs::copy_file(path("probe"), path("stripped"));
    ASSERT_EQ(chmod(path("stripped").c_str(), 0700), 0);
    std::string tool = llvm::StringRef(command).split(' ').first.str();
    if (!llvm::sys::findProgramByName(tool))
      continue;
    ASSERT_EQ(std::system((std::string(command) + " " + path("stripped")).c_str()), 0) << command;
    auto [status, printed] = run(path("stripped"));
    EXPECT_EQ(status, 0) << command;
    EXPECT_EQ(printed, expected) << command;
  }
}

TEST_F(BundleWriter, RunsInAnEmptyRoot) {
  if (geteuid() != 0)
    GTEST_SKIP() << "chroot needs root";
  auto linked = image();
  ASSERT_FALSE(llvm::sys::fs::create_directory(path("root")));
  ASSERT_EQ(write(*linked, path("root/probe")), "");
  EXPECT_EQ(run("/probe", path("root")).first, 0);
}

TEST_F(BundleWriter, EveryFlippedBitIsSeen) {
  auto linked = image();
  ASSERT_EQ(write(*linked, path("probe")), "");
  std::string good = bytesOf(path("probe"));
  size_t payload = good.find(std::string(bundle::kPayloadMagic, 8), linked->getBufferSize());
  ASSERT_NE(payload, std::string::npos);
  ASSERT_EQ(payload % 4096, 0u);
  for (size_t at : {payload + 40, payload + 4096, payload + 4096 + 600001, good.size() - 1}) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 4);
    std::ofstream(path("bad"), std::ios::binary) << bad;
    ASSERT_EQ(chmod(path("bad").c_str(), 0700), 0);
    EXPECT_EQ(run(path("bad")).first, 74) << at - payload;
  }
}

TEST_F(BundleWriter, SameInputsGiveTheSameBytes) {
  std::string first;
  mode_t before = umask(0);
  for (mode_t mask : {022, 077, 0, 027, 02}) {
    umask(mask);
    std::string output = path("build" + std::to_string(mask));
    auto linked = image();
    ASSERT_EQ(write(*linked, output), "");
    struct stat status;
    ASSERT_EQ(stat(output.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0777 & ~mask);
    if (first.empty())
      first = bytesOf(output);
    EXPECT_TRUE(bytesOf(output) == first) << "umask " << mask;
  }
  umask(before);
}

TEST_F(BundleWriter, AFullDiskLeavesNothing) {
  auto linked = image();
  ASSERT_FALSE(llvm::sys::fs::create_directory(path("full")));
  rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = {1 << 16, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  std::string problem = write(*linked, path("full/probe"));
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_NE(problem.find("full/probe: error: cannot be written: File too large"), std::string::npos)
      << problem;
  EXPECT_EQ(entries(path("full")), 0);
  if (geteuid() != 0 || mount("osscc", path("full").c_str(), "tmpfs", 0, "size=1m") != 0)
    return;
  problem = write(*linked, path("full/probe"));
  EXPECT_EQ(entries(path("full")), 0);
  umount(path("full").c_str());
  EXPECT_NE(problem.find("No space left on device\nhelp: free space"), std::string::npos)
      << problem;
}

TEST_F(BundleWriter, NamesWhatCannotBeReadOrWritten) {
  auto linked = image();
  std::string problem = write(*linked, path("nowhere/probe"));
  EXPECT_NE(problem.find("nowhere/probe: error: cannot be written: No such file"),
            std::string::npos)
      << problem;
  problem = write(*linked, path(""));
  EXPECT_NE(problem.find("error: is a folder"), std::string::npos) << problem;
  llvm::sys::fs::remove(path("model.safetensors"));
  problem = write(*linked, path("probe"));
  EXPECT_NE(problem.find("model.safetensors: error: cannot be read"), std::string::npos) << problem;
  EXPECT_EQ(entries(path("")), 0);
}

} // namespace
