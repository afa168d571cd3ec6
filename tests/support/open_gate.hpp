#pragma once

// A gate that lets everybody pass, for tests and benchmarks of what lies behind it.

#include "http/route.hpp"

namespace callboard::test {

class OpenGate final : public http::Gate {
 public:
  bool admit_from_memory(const http::Route&, http::Request&) override { return true; }
  void admit_blocking(const http::Route&, http::Request&) override {}
  bool allows_origin(const http::Request&, std::string_view) override { return false; }
};

}  // namespace callboard::test
