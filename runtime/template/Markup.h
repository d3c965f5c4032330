// HTML as markupsafe treats it.
#pragma once

#include "runtime/template/Text.h"

namespace osscc::rt {

/// The text with & < > ' " written as HTML escapes, marked as markup; one that is markup stays.
Text escapeMarkup(const Text &text);
/// escapeMarkup() of all texts, markup or not.
Text forceEscapeMarkup(const Text &text);
/// Markup.striptags(): without comments and tags, whitespace as single spaces, entities as their
/// characters.
Text stripTags(const Text &text);

} // namespace osscc::rt
