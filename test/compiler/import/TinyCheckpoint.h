// A checkpoint folder for tests of the import stage: a Llama of two layers, every part of which a
// test can change.
#pragma once

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include <map>
#include <string>
#include <vector>

namespace osscc {

/// V 12, D 8, two heads of 4 on one key-value head, F 6, two layers, tied.
class TinyCheckpoint {
public:
  struct Entry {
    std::string dtype;
    std::vector<int64_t> shape;
    std::string bytes; ///< Empty: zeros.
  };

  TinyCheckpoint() {
    llvm::sys::fs::createUniqueDirectory("osscc-tiny", folder);
    config = *llvm::cantFail(llvm::json::parse(
                                 R"({"model_type": "llama", "architectures": ["LlamaForCausalLM"],
      "vocab_size": 12, "hidden_size": 8, "intermediate_size": 6, "num_hidden_layers": 2, "num_attention_heads": 2,
      "num_key_value_heads": 1, "head_dim": 4, "hidden_act": "silu", "max_position_embeddings": 32,
      "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": true, "bos_token_id": 1,
      "eos_token_id": 2})"))
                  .getAsObject();
    tensors["model.embed_tokens.weight"] = {"BF16", {12, 8}, ""};
    tensors["model.norm.weight"] = {"BF16", {8}, ""};
    for (const char *layer : {"model.layers.0.", "model.layers.1."}) {
      std::string prefix = layer;
      for (const char *name : {"input_layernorm", "post_attention_layernorm"})
        tensors[prefix + name + ".weight"] = {"BF16", {8}, ""};
      for (auto &[name, rows, channels] :
           std::vector<std::tuple<const char *, int64_t, int64_t>>{{"self_attn.q_proj", 8, 8},
                                                                   {"self_attn.k_proj", 4, 8},
                                                                   {"self_attn.v_proj", 4, 8},
                                                                   {"self_attn.o_proj", 8, 8},
                                                                   {"mlp.gate_proj", 6, 8},
                                                                   {"mlp.up_proj", 6, 8},
                                                                   {"mlp.down_proj", 8, 6}})
        tensors[prefix + name + ".weight"] = {"BF16", {rows, channels}, ""};
    }
  }
  ~TinyCheckpoint() { llvm::sys::fs::remove_directories(folder); }

  /// Sets a field of config.json to a JSON text; "..." removes it.
  TinyCheckpoint &set(llvm::StringRef key, llvm::StringRef value) {
    if (value == "...")
      config.erase(key);
    else
      config[key.str()] = llvm::cantFail(llvm::json::parse(value));
    return *this;
  }

  std::string path(llvm::StringRef name) const { return (folder + "/" + name).str(); }

  void write(llvm::StringRef name, llvm::StringRef text) const {
    std::error_code error;
    llvm::raw_fd_ostream(path(name), error) << text;
  }

  /// Writes config.json and model.safetensors. \returns the folder.
  std::string write() const {
    std::string configText, header, data;
    llvm::raw_string_ostream(configText) << llvm::json::Value(llvm::json::Object(config));
    write("config.json", configText);
    for (const auto &[name, entry] : tensors) {
      uint64_t bytes = entry.dtype == "F32" ? 4 : entry.dtype == "I8" ? 1 : 2;
      llvm::json::Array shape;
      for (int64_t extent : entry.shape) {
        shape.push_back(extent);
        bytes *= extent;
      }
      uint64_t begin = data.size();
      data += entry.bytes.empty() ? std::string(bytes, '\0') : entry.bytes;
      llvm::raw_string_ostream(header)
          << (header.empty() ? "{" : ",") << llvm::json::Value(name) << ":"
          << llvm::json::Value(
                 llvm::json::Object{{"dtype", entry.dtype},
                                    {"shape", std::move(shape)},
                                    {"data_offsets", llvm::json::Array{begin, data.size()}}});
    }
    header += "}";
    std::string length;
    for (int i = 0; i < 8; ++i)
      length += static_cast<char>(uint64_t(header.size()) >> (8 * i));
    write("model.safetensors", length + header + data);
    return folder.str().str();
  }

  llvm::SmallString<128> folder;
  llvm::json::Object config;
  std::map<std::string, Entry> tensors;
};

} // namespace osscc
