#include "http/etag.hpp"

namespace callboard::http {
namespace {

std::string_view opaque_tag(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  return etag;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

bool etag_matches(std::string_view candidates, std::string_view etag) {
  const std::string_view wanted = opaque_tag(etag);
  while (!candidates.empty()) {
    const auto comma = candidates.find(',');
    const std::string_view candidate = trimmed(candidates.substr(0, comma));
    if (candidate == "*" || opaque_tag(candidate) == wanted) return true;
    candidates.remove_prefix(comma == candidates.npos ? candidates.size() : comma + 1);
  }
  return false;
}

}  // namespace callboard::http
