#pragma once

// The public header of this folder: what is sent to those who are subscribed to an event, or whom a
// bulletin is for; each once. Watcher is told of events; FanOut and Sending are jobs.

#include "reminders/console_routes.hpp"
#include "reminders/fan_out.hpp"
#include "reminders/message.hpp"
#include "reminders/planning.hpp"
#include "reminders/progress_streams.hpp"
#include "reminders/send_store.hpp"
#include "reminders/sending.hpp"
#include "reminders/user_sends.hpp"
#include "reminders/watcher.hpp"
