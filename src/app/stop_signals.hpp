#pragma once

// SIGTERM and SIGINT, taken by waiting for them instead of by a handler. Made by a command before
// it starts threads: blocks both for this thread and those it starts later. A second signal, during
// the drain, ends the program at once.

#include <csignal>

namespace callboard::app {

class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
  }
  void wait() const {
    int taken = 0;
    sigwait(&signals_, &taken);
    pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
  }

 private:
  sigset_t signals_{};
};

}  // namespace callboard::app
