// Model card, LICENSE and their kin -> one licence.
#include "compiler/import/Licence.h"

#include "support/InputFile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;

namespace osscc {

namespace {

using bundle::LicenceClass;

constexpr StringLiteral kFiles[] = {"LICENSE",     "LICENSE.txt", "LICENSE.md", "LICENCE",
                                    "LICENCE.txt", "NOTICE",      "NOTICE.txt", "USE_POLICY.md"};
constexpr uint64_t kLongestText = 1 << 20, kLongestCard = 1 << 20; // bytes

/// Names of licences that ask for no more than their text and notices. Source: the identifiers that
/// model cards may have, and SPDX.
constexpr StringLiteral kPermissive[] = {"0bsd",
                                         "afl-3.0",
                                         "apache-2.0",
                                         "artistic-2.0",
                                         "bsd",
                                         "bsd-2-clause",
                                         "bsd-3-clause",
                                         "bsd-3-clause-clear",
                                         "bsl-1.0",
                                         "cc-by-2.0",
                                         "cc-by-2.5",
                                         "cc-by-3.0",
                                         "cc-by-4.0",
                                         "cc0-1.0",
                                         "cdla-permissive-1.0",
                                         "cdla-permissive-2.0",
                                         "ecl-2.0",
                                         "isc",
                                         "mit",
                                         "mit-0",
                                         "ms-pl",
                                         "ncsa",
                                         "pddl",
                                         "postgresql",
                                         "unlicense",
                                         "wtfpl",
                                         "zlib"};

/// Begins of names of licences that forbid uses, ask for a consent, or bind what is made of the
/// weights.
constexpr StringLiteral kRestricted[] = {
    "agpl",     "apple-",       "bigcode-", "bigscience-", "cc-by-nc",    "cc-by-nd",
    "cc-by-sa", "cc-nc",        "cohere",   "creativeml-", "deepfloyd",   "deepseek",
    "eupl",     "exaone",       "fair-non", "falcon",      "gemma",       "gfdl",
    "glm-",     "gpl",          "grok",     "health-ai",   "hyperclova",  "intel-research",
    "iquest",   "k-exaone",     "lgpl",     "llama",       "lfm",         "minimax",
    "mnpl",     "modified-mit", "mpl",      "mrl",         "nvidia",      "odbl",
    "openrail", "osl",          "qwen",     "solar-",      "stabilityai", "tongyi",
    "tencent",  "yi-",          "youtu"};

struct Sign {
  StringLiteral sentence, name;
  LicenceClass kind;
};

/// Sentences in small letters with single spaces; the first that a text has tells. Those that
/// restrict come first: they quote the others.
constexpr Sign kSigns[] = {
    {"llama 4 community license agreement", "llama4", LicenceClass::Restricted},
    {"llama 3.3 community license agreement", "llama3.3", LicenceClass::Restricted},
    {"llama 3.2 community license agreement", "llama3.2", LicenceClass::Restricted},
    {"llama 3.1 community license agreement", "llama3.1", LicenceClass::Restricted},
    {"llama 3 community license agreement", "llama3", LicenceClass::Restricted},
    {"llama 2 community license agreement", "llama2", LicenceClass::Restricted},
    {"gemma terms of use", "gemma", LicenceClass::Restricted},
    {"qwen research license", "qwen-research", LicenceClass::Restricted},
    {"qwen license agreement", "qwen", LicenceClass::Restricted},
    {"deepseek license agreement", "deepseek", LicenceClass::Restricted},
    {"modified mit license", "modified-mit", LicenceClass::Restricted},
    {"gnu affero general public license", "agpl-3.0", LicenceClass::Restricted},
    {"gnu lesser general public license", "lgpl", LicenceClass::Restricted},
    {"gnu general public license", "gpl", LicenceClass::Restricted},
    {"attribution-noncommercial", "cc-by-nc", LicenceClass::Restricted},
    {"use-based restrictions", "restricted", LicenceClass::Restricted},
    {"acceptable use policy", "restricted", LicenceClass::Restricted},
    {"prohibited uses", "restricted", LicenceClass::Restricted},
    {"non-commercial", "restricted", LicenceClass::Restricted},
    {"apache license version 2.0", "apache-2.0", LicenceClass::Permissive},
    {"permission is hereby granted, free of charge, to any person", "mit",
     LicenceClass::Permissive},
    {"redistribution and use in source and binary forms", "bsd", LicenceClass::Permissive},
};

/// A file's first bytes; nothing for one that is not there, and with a note for one that cannot be
/// read: what is said of a licence stops nobody.
std::unique_ptr<MemoryBuffer> readBeginning(const ModelFiles &files, StringRef name, uint64_t most,
                                            StringRef consequence, Notes *notes) {
  if (!files.hasWords(name))
    return nullptr;
  Expected<InputFile> file = InputFile::open(files.wordsPath(name));
  auto text = file ? file->read(0, std::min(file->size(), most)) : file.takeError();
  if (text)
    return std::move(*text);
  handleAllErrors(text.takeError(), [&](const InputError &error) {
    if (notes)
      notes->add(error.where, (error.message + "; " + consequence).str());
  });
  return nullptr;
}

/// What the front matter of a model card says of a key, between its two lines of dashes.
std::string fieldOfCard(StringRef card, StringRef key) {
  auto [first, rest] = card.split('\n');
  if (first.trim() != "---")
    return {};
  while (!rest.empty()) {
    StringRef line;
    std::tie(line, rest) = rest.split('\n');
    if (line.trim() == "---")
      break;
    if (line.consume_front(key) && line.consume_front(":"))
      return line.trim(" \t\r\"'").str();
  }
  return {};
}

void readTexts(const ModelFiles &files, Licence &licence, Notes *notes) {
  for (StringRef name : licenceFiles(files)) {
    auto text = readBeginning(files, name, kLongestText + 1, "it does not travel along", notes);
    StringRef bytes = text ? text->getBuffer() : StringRef();
    bool fits = bytes.size() <= kLongestText && json::isUTF8(bytes);
    if (text && !fits && notes)
      notes->add(files.wordsPath(name), "is no text of at most 1 MiB; it does not travel along");
    if (bytes.empty() || !fits)
      continue;
    licence.texts.push_back(std::make_unique<bundle::LicenceTextT>());
    licence.texts.back()->file = name.str();
    licence.texts.back()->text = bytes.str();
  }
}

} // namespace

LicenceClass classifyLicence(StringRef name) {
  std::string small = name.lower();
  if (is_contained(kPermissive, small))
    return LicenceClass::Permissive;
  if (any_of(kRestricted, [&](StringRef begin) { return StringRef(small).starts_with(begin); }))
    return LicenceClass::Restricted;
  return LicenceClass::Unknown;
}

Licence recognizeLicence(StringRef text) {
  std::string plain; // in small letters, with single spaces
  for (char c : text)
    if (!isSpace(c))
      plain += toLower(c);
    else if (!plain.empty() && plain.back() != ' ')
      plain += ' ';
  for (const Sign &sign : kSigns)
    if (StringRef(plain).contains(sign.sentence))
      return {sign.name.str(), sign.kind, {}};
  return {};
}

std::vector<std::string> licenceFiles(const ModelFiles &files) {
  std::vector<std::string> found;
  for (StringRef name : kFiles)
    if (files.hasWords(name))
      found.push_back(name.str());
  return found;
}

Licence readLicence(const ModelFiles &files, Notes *notes) {
  Licence licence;
  if (auto card = readBeginning(files, "README.md", kLongestCard,
                                "what it says of the licence is not known", notes)) {
    std::string name = fieldOfCard(card->getBuffer(), "license");
    if (name == "other")
      name = fieldOfCard(card->getBuffer(), "license_name");
    licence.name = plainLicence(name);
    licence.kind = classifyLicence(licence.name);
  }
  readTexts(files, licence, notes);
  for (const auto &text : licence.texts) {
    if (StringRef(text->file).starts_with("NOTICE"))
      continue;
    Licence found = recognizeLicence(text->text);
    bool isStricter = found.kind == LicenceClass::Restricted;
    if (isStricter && licence.kind == LicenceClass::Permissive && notes)
      notes->add(files.wordsPath(text->file),
                 "restricts what the model card calls " + licence.name + "; the stricter counts");
    if (licence.name == "unknown")
      licence.name = found.name;
    if (isStricter || licence.kind == LicenceClass::Unknown)
      licence.kind = found.kind;
  }
  return licence;
}

} // namespace osscc
