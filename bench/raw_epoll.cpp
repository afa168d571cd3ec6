// The yardstick: the least a server can do. Two threads, each with its own listening socket and
// epoll set, answer every request with the same bytes; nothing is parsed but the empty line.
//
//   raw_epoll PORT BODY_BYTES [THREADS]

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace {

constexpr std::string_view end_of_head = "\r\n\r\n";

std::string fixed_answer(std::size_t body_bytes) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body_bytes) + "\r\n\r\n" + std::string(body_bytes, 'x');
}

int listen_on(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd, 1024) != 0) {
    std::perror("listen");
    std::exit(1);
  }
  return fd;
}

class Loop {
 public:
  Loop(std::uint16_t port, const std::string& answer)
      : answer_(answer), listener_(listen_on(port)) {
    watch(listener_);
  }

  void run() {
    std::array<epoll_event, 256> events;
    for (;;) {
      const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        fd == listener_ ? accept_all() : serve(fd);
      }
    }
  }

 private:
  void watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  void accept_all() {
    for (int fd; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      watch(fd);
    }
  }

  void serve(int fd) {
    const ssize_t count = ::recv(fd, buffer_.data(), buffer_.size(), 0);
    if (count <= 0) {
      unfinished_.erase(fd);
      ::close(fd);
      return;
    }
    std::string_view input(buffer_.data(), static_cast<std::size_t>(count));
    // Requests of a load generator arrive whole; only a split one costs a copy.
    const auto known = unfinished_.find(fd);
    if (known != unfinished_.end()) input = known->second.append(input);
    std::string output;
    std::size_t used = 0;
    for (std::size_t end; (end = input.find(end_of_head, used)) != input.npos;) {
      used = end + end_of_head.size();
      if (used < input.size()) output += answer_;
    }
    if (used == input.size()) {
      if (known != unfinished_.end()) unfinished_.erase(known);
      if (output.empty()) return send(fd, answer_);
      return send(fd, output + answer_);
    }
    unfinished_[fd] = std::string(input.substr(used));
    if (!output.empty()) send(fd, output);
  }

  // Loopback takes an answer whole; a peer that reads too slowly is not what this measures.
  void send(int fd, const std::string& bytes) {
    if (::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) ::close(fd);
  }

  const std::string& answer_;
  int epoll_ = ::epoll_create1(0);
  int listener_;
  std::array<char, 16384> buffer_;
  std::unordered_map<int, std::string> unfinished_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: raw_epoll PORT BODY_BYTES [THREADS]\n");
    return 2;
  }
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  const std::string answer = fixed_answer(static_cast<std::size_t>(std::atoi(argv[2])));
  const int thread_count = argc > 3 ? std::atoi(argv[3]) : 2;
  std::vector<std::jthread> threads;
  for (int i = 0; i < thread_count; ++i) {
    threads.emplace_back([&] { Loop(port, answer).run(); });
  }
}
