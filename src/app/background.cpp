#include "app/background.hpp"

namespace callboard::app {
namespace {

// Several at once of each kind, so that what takes long holds nobody else up.
constexpr std::size_t fan_outs = 4, senders = 8;
constexpr jobs::RetryPolicy soon{std::chrono::milliseconds{500}, std::chrono::seconds{30}, 0.2};

}  // namespace

Background::Background(const reminders::SendingParts& parts, const jobs::WorkerOptions& options)
    : fan_out_(parts),
      sending_(parts),
      workers_(parts.database, works(), {}, parts.clock, parts.metrics, options) {}

std::vector<jobs::Work> Background::works() {
  return {
      {.kind = reminders::fan_out_job,
       .run = [this](jobs::JobContext& context) { return fan_out_.run(context); },
       .retry = soon,
       .threads = fan_outs},
      {.kind = reminders::send_job,
       .run = [this](jobs::JobContext& context) { return sending_.run(context); },
       .retry = soon,
       .threads = senders},
  };
}

}  // namespace callboard::app
