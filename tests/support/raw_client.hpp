#pragma once

// A blocking client that sends exactly the bytes it is given, well-formed or not, and reads answers
// one by one. One thread at a time. Every wait ends after `patience` with a thrown
// std::runtime_error, so that a test that would hang fails instead.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace callboard::test {

struct RawResponse {
  int status = 0;
  std::string head;  // the status line and headers, with their line ends
  std::string body;

  std::optional<std::string> header(std::string_view name) const {
    for (std::size_t at = head.find("\r\n"); at + 2 < head.size(); at = head.find("\r\n", at)) {
      at += 2;
      const std::string_view line = std::string_view(head).substr(at, head.find("\r\n", at) - at);
      const std::size_t colon = line.find(':');
      if (colon == name.size() && ::strncasecmp(line.data(), name.data(), colon) == 0) {
        return std::string(
            line.substr(std::min(line.find_first_not_of(' ', colon + 1), line.size())));
      }
    }
    return std::nullopt;
  }
};

class RawClient {
 public:
  static constexpr int patience_s = 20;

  // `receive_buffer`: bytes, where it is to be smaller than the system's.
  explicit RawClient(std::uint16_t port, const char* address = "127.0.0.1", int receive_buffer = 0)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    ::inet_pton(AF_INET, address, &to.sin_addr);
    const timeval limit{patience_s, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      ::close(fd_);
      throw std::runtime_error("connect failed");
    }
  }
  ~RawClient() {
    if (fd_ >= 0) ::close(fd_);
  }
  RawClient(RawClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), input_(std::move(other.input_)) {}
  RawClient(const RawClient&) = delete;

  // False: the server has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  // No more will be sent; answers can still be read.
  void finish_sending() { ::shutdown(fd_, SHUT_WR); }

  // The next answer; nothing once the server has closed. `to_head`: it has no body, whatever its
  // Content-Length says.
  std::optional<RawResponse> read(bool to_head = false) {
    std::size_t end;
    while ((end = input_.find("\r\n\r\n")) == input_.npos) {
      if (!receive()) return std::nullopt;
    }
    RawResponse response;
    response.head = input_.substr(0, end + 2);
    response.status = std::atoi(response.head.c_str() + 9);
    input_.erase(0, end + 4);
    const bool bodiless =
        to_head || response.status < 200 || response.status == 204 || response.status == 304;
    const auto length = response.header("Content-Length");
    const std::size_t wanted = bodiless || !length ? 0 : std::strtoul(length->c_str(), nullptr, 10);
    while (input_.size() < wanted) {
      if (!receive()) throw std::runtime_error("closed in the middle of a body");
    }
    response.body = input_.substr(0, wanted);
    input_.erase(0, wanted);
    return response;
  }

  std::optional<RawResponse> exchange(std::string_view request, bool to_head = false) {
    send(request);
    return read(to_head);
  }

  // The next `count` bytes; fewer once the server has closed.
  std::string read_some(std::size_t count) {
    while (input_.size() < count && receive()) {
    }
    std::string bytes = input_.substr(0, count);
    input_.erase(0, count);
    return bytes;
  }

  // Waits until the server closes; returns what it still sent. A reset counts as closed.
  std::string read_until_closed() {
    while (receive()) {
    }
    return std::exchange(input_, {});
  }

  // Waits for the first bytes of an answer, and leaves them unread.
  void await_answer() {
    pollfd waiting{fd_, POLLIN, 0};
    if (::poll(&waiting, 1, patience_s * 1000) != 1) throw std::runtime_error("no answer");
  }

  // Closes with a reset, the rudest way to leave.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(std::exchange(fd_, -1));
  }

 private:
  bool receive() {
    std::array<char, 16384> buffer;
    const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      throw std::runtime_error("the server neither answers nor closes");
    }
    if (count <= 0) return false;
    input_.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
  }

  int fd_;
  std::string input_;
};

inline std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n\r\n";
}

}  // namespace callboard::test
