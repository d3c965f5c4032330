#include "compiler/import/json/TokenIds.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace osscc {

SmallVector<int64_t> readTokenIds(JsonFields &fields, StringRef key, int64_t vocabulary) {
  SmallVector<int64_t> ids = fields.integers(key, -1, UINT32_MAX);
  erase_if(ids, [](int64_t id) { return id == -1 || id == UINT32_MAX; });
  for (int64_t id : ids)
    if (id >= vocabulary)
      fields.fail(key, "expected integers from 0 to " + Twine(vocabulary - 1) +
                           ", the last token's, found " + Twine(id));
  return ids;
}

void skipTokenId(JsonFields &fields, StringRef key) {
  fields.integers(key, INT64_MIN, INT64_MAX);
}

} // namespace osscc
