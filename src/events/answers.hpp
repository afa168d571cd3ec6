#pragma once

// The shape of what people's front ends are answered: {"msg":...,"data":...}; and what makes an
// answer known again. Pure; any thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "http/request.hpp"
#include "http/response.hpp"

namespace callboard::events {

inline constexpr std::string_view answer_head = R"({"msg":"success","data":)";
inline constexpr std::string_view answer_tail = "}";

// `data` is JSON.
std::string answer_body(std::string_view data);

// A strong tag and who may keep the answer: header lines, each ended by CRLF.
std::string validator_lines(std::uint64_t hash);
std::string validator_lines_of(std::string_view body);
std::string_view etag_in(std::string_view validator_lines);
// Whether the client has that answer already.
bool is_known(const http::Request& request, std::string_view etag);

// `text` as iCalendar, unless the client has what `validator_lines` say.
http::Response calendar_response(const http::Request& request, std::string_view text,
                                 std::string_view validator_lines);

}  // namespace callboard::events
