#pragma once

// The public header of this folder: events, who is subscribed to them, their import and their
// calendars, and the routes of all that. Built by app/ in this order: Schedules, the data provider,
// the routes. Whoever writes events or subscriptions is given the EventWatcher.

#include "events/calendar_routes.hpp"
#include "events/check.hpp"
#include "events/console_routes.hpp"
#include "events/event.hpp"
#include "events/event_changes.hpp"
#include "events/event_routes.hpp"
#include "events/event_store.hpp"
#include "events/event_watcher.hpp"
#include "events/import.hpp"
#include "events/import_routes.hpp"
#include "events/import_rows.hpp"
#include "events/import_url.hpp"
#include "events/postback.hpp"
#include "events/schedules.hpp"
#include "events/subscribed_events.hpp"
#include "events/subscribing.hpp"
#include "events/subscription_routes.hpp"
#include "events/subscription_store.hpp"
#include "events/user_events.hpp"
