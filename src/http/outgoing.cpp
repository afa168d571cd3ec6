#include "http/outgoing.hpp"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>

#include "base/error.hpp"
#include "http/forwarded.hpp"
#include "http/outgoing_address.hpp"

namespace callboard::http {
namespace {

namespace ip = boost::asio::ip;

struct CloseHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, CloseHandle>;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

// What a call's callbacks see.
struct Running {
  const AddressSet& allowed;
  const std::size_t max_reply;
  CURL* const only_once;  // a call whose bytes must not leave twice; null: they may
  bool refused_repetition = false;
  bool refused_address = false;
  bool too_large = false;
  std::size_t header_bytes = 0;
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
};

std::optional<ip::address> address_of(const curl_sockaddr& target) {
  if (target.family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &target.addr, sizeof in);
    return ip::address_v4(ntohl(in.sin_addr.s_addr));
  }
  if (target.family != AF_INET6 || target.addrlen < sizeof(sockaddr_in6)) return std::nullopt;
  // curl_sockaddr ends in a sockaddr, and curl keeps the longer kinds in the same place.
  const auto* bytes = reinterpret_cast<const char*>(&target) + offsetof(curl_sockaddr, addr) +
                      offsetof(sockaddr_in6, sin6_addr);
  ip::address_v6::bytes_type address;
  std::memcpy(address.data(), bytes, address.size());
  return ip::address_v6(address);
}

// Whether bytes of the request were given to a connection, which broke if another one is wanted.
bool has_left(const Running& running) {
  long bytes = 0;
  if (running.only_once != nullptr) {
    curl_easy_getinfo(running.only_once, CURLINFO_REQUEST_SIZE, &bytes);
  }
  return bytes > 0;
}

// Where curl is about to connect; every connection passes here.
curl_socket_t open_socket(void* context, curlsocktype, curl_sockaddr* target) {
  Running& running = *static_cast<Running*>(context);
  if (has_left(running)) {
    running.refused_repetition = true;
    return CURL_SOCKET_BAD;
  }
  const auto address = address_of(*target);
  if (!address || (!is_public(*address) && !running.allowed.contains(*address))) {
    running.refused_address = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(target->family, target->socktype | SOCK_CLOEXEC, target->protocol);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t first = text.find_first_not_of(space);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

void keep_header(std::string_view line, Running& running) {
  // An interim answer's headers don't count.
  if (line.starts_with("HTTP/")) return running.headers.clear();
  const std::size_t colon = line.find(':');
  if (colon == line.npos || running.headers.size() == max_reply_headers) return;
  running.headers.emplace_back(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
}

std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* context) {
  Running& running = *static_cast<Running*>(context);
  running.header_bytes += size * count;
  running.too_large |= running.header_bytes > running.max_reply;
  if (running.too_large) return 0;
  keep_header({bytes, size * count}, running);
  return size * count;
}

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* context) {
  Running& running = *static_cast<Running*>(context);
  running.too_large |= running.body.size() + size * count > running.max_reply;
  if (running.too_large) return 0;
  running.body.append(bytes, size * count);
  return size * count;
}

// Curl's own reading of it, which is the one that counts; Boost's may differ.
bool may_be_called(const std::string& url) {
  const std::unique_ptr<CURLU, FreeUrl> parsed(curl_url());
  return parsed &&
         curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_DISALLOW_USER) == CURLUE_OK;
}

void append_header(HeaderList& list, const std::string& line) {
  const auto breaks_line = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  if (std::ranges::any_of(line, breaks_line)) {
    throw Error(ErrorCode::invalid, "a header of an outgoing call would break its line");
  }
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(list.release());
  list.reset(longer);
}

HeaderList headers_of(const OutgoingRequest& request) {
  HeaderList list;
  append_header(list, "Expect:");  // we never wait for leave to send a body
  for (const auto& [name, value] : request.headers) {
    // A semicolon is curl's sign for an empty value.
    append_header(list, value.empty() ? name + ";" : name + ": " + value);
  }
  return list;
}

void restrict_to_policy(CURL* handle, Running& running) {
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_PROXY, "");  // nor one of the environment
  curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &running);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);  // a slow resolver must not hold us up
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "callboard");
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &running);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &running);
}

// `request` and `headers` must outlive the call.
void describe(CURL* handle, const OutgoingRequest& request, const HeaderList& headers) {
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  if (request.method == Method::get) return;
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, name_of(request.method).data());
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.data());
}

OutgoingOutcome outcome_of(CURLcode code, const Running& running) {
  if (running.too_large) return OutgoingOutcome::too_large;
  if (running.refused_repetition) return OutgoingOutcome::broken;
  switch (code) {
    case CURLE_OK:
      return OutgoingOutcome::answered;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return OutgoingOutcome::refused;
    case CURLE_COULDNT_RESOLVE_HOST:
      return OutgoingOutcome::unresolved;
    case CURLE_COULDNT_CONNECT:
      return running.refused_address ? OutgoingOutcome::refused : OutgoingOutcome::unreachable;
    case CURLE_OPERATION_TIMEDOUT:
      return OutgoingOutcome::timed_out;
    default:
      return OutgoingOutcome::broken;
  }
}

}  // namespace

std::string_view name_of(OutgoingOutcome outcome) {
  switch (outcome) {
    case OutgoingOutcome::answered:
      return "answered";
    case OutgoingOutcome::refused:
      return "refused";
    case OutgoingOutcome::unresolved:
      return "unresolved";
    case OutgoingOutcome::unreachable:
      return "unreachable";
    case OutgoingOutcome::timed_out:
      return "timed_out";
    case OutgoingOutcome::too_large:
      return "too_large";
    case OutgoingOutcome::broken:
      break;
  }
  return "broken";
}

std::optional<std::string_view> OutgoingReply::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (equal_ignoring_case(known, name)) return value;
  }
  return std::nullopt;
}

class OutgoingClient::Impl {
 public:
  explicit Impl(const std::vector<std::string>& allowed) : allowed_(allowed) {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (started != CURLE_OK) throw Error(ErrorCode::internal, "libcurl does not start");
  }

  OutgoingReply send(const OutgoingRequest& request) {
    const HeaderList headers = headers_of(request);
    if (!may_be_called(request.url)) return {OutgoingOutcome::refused};
    Handle handle = take();
    Running running{allowed_, request.max_reply, request.may_repeat ? nullptr : handle.get()};
    restrict_to_policy(handle.get(), running);
    describe(handle.get(), request, headers);
    const CURLcode code = curl_easy_perform(handle.get());
    OutgoingReply reply{outcome_of(code, running)};
    if (reply.outcome == OutgoingOutcome::answered) {
      long status = 0;
      curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
      reply.status = static_cast<int>(status);
      reply.body = std::move(running.body);
      reply.headers = std::move(running.headers);
    }
    give_back(std::move(handle));
    return reply;
  }

 private:
  Handle take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        Handle handle = std::move(idle_.back());
        idle_.pop_back();
        return handle;
      }
    }
    Handle handle(curl_easy_init());
    if (!handle) throw std::bad_alloc();
    return handle;
  }

  // With its open connections, whose addresses were judged when they were made.
  void give_back(Handle handle) {
    curl_easy_reset(handle.get());
    const std::lock_guard lock(mutex_);
    if (idle_.size() < max_idle_handles) idle_.push_back(std::move(handle));
  }

  const AddressSet allowed_;
  std::mutex mutex_;
  std::vector<Handle> idle_;  // guarded by mutex_
};

OutgoingClient::OutgoingClient(const std::vector<std::string>& allowed)
    : impl_(std::make_unique<Impl>(allowed)) {}
OutgoingClient::~OutgoingClient() = default;

OutgoingReply OutgoingClient::send(const OutgoingRequest& request) const {
  return impl_->send(request);
}

}  // namespace callboard::http
