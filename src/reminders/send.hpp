#pragma once

// Sends as values: what goes to many people, once. Pure; any thread.
//
//   scheduled ──▶ paging ──▶ sending ──▶ done           a page at a time its recipients are frozen
//    │   ▲ │                                            into deliveries, which are sent meanwhile
//    ▼   │ └─▶ skipped, expired, cancelled
//    held ─┘                                            for want of quota
//
// Cancelled or expired it may be from every state before `done`.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace callboard::reminders {

enum class SendKind : std::uint8_t { reminder, moved, bulletin };
std::string_view name_of(SendKind kind);
SendKind send_kind_named(std::string_view name);

enum class SendState : std::uint8_t {
  scheduled,
  held,
  paging,
  sending,
  done,
  expired,
  skipped,
  cancelled
};
std::string_view name_of(SendState state);
std::optional<SendState> send_state_named(std::string_view name);
constexpr bool is_live(SendState state) {
  return state < SendState::done;
}

struct Send {
  std::string id;
  std::string app_id;
  SendKind kind = SendKind::reminder;
  std::string subject_id;  // the event's or bulletin's
  std::string owner_id;    // of the event
  Timestamp subject_made_at;
  std::int64_t version = 0;
  std::chrono::minutes lead{0};
  Timestamp due_at;
  Timestamp begin_before;  // first attempts
  Timestamp end_before;    // all attempts
  SendState state = SendState::scheduled;
  std::string reason;
  bool is_silent = false;
  std::string messages;  // of a bulletin: a JSON array; of an event they follow from the event
  std::string paged_to;
  Timestamp created_at;
  std::optional<Timestamp> claimed_at, ended_at;
};

// Why a send or a recipient was left out, as it is stored and shown.
namespace reason {
inline constexpr std::string_view missed = "missed",         // its moment was over when it was made
    late = "late",                                           // nobody could send it in time
    quiet_hours = "quiet_hours", no_channel = "no_channel",  // LINE is not configured
    moved = "event_moved", deleted = "event_deleted", adopted = "event_adopted",
                                  bulletin_gone = "bulletin_gone", lead_removed = "lead_removed",
                                  operator_ended = "ended_by_operator", quota = "monthly_quota",
                                  no_line_account = "no_line_account", blocked = "blocked",
                                  unsubscribed = "unsubscribed", erased = "erased";
}  // namespace reason

}  // namespace callboard::reminders
