#pragma once

// Which texts may stand in an application's settings as a host, an origin or a front end's address.
// Pure: any thread.

#include <cstddef>
#include <string>
#include <string_view>

namespace callboard::audience {

inline constexpr std::size_t max_url_bytes = 2048;

// "example.org" or "localhost:5173": lower case, with a port where it is not the scheme's own.
bool is_host(std::string_view text);

// As browsers write it in the header Origin (RFC 6454 §6.2), since it is compared byte by byte:
// "https://example.org", without a path, in lower case, without the scheme's own port.
bool is_origin(std::string_view text);

// An absolute http or https URL without credentials, query or fragment; it may have a path.
bool is_front_end_url(std::string_view text);

// What the server itself may call: the same, and it may have a query.
bool is_callable_url(std::string_view text);
// Of a URL that is one: its scheme, host and port, by which it is told from another server's.
std::string server_of(std::string_view url);

}  // namespace callboard::audience
