#pragma once

// The public header of this folder: who is calling, and whether they may. The Gate admits requests;
// KeyStore, Trust and Sessions are what it and the routes stand on, built by app/ in this order:
// ServerKey, KeyStore, Trust, OwnAddress, AllowedPages, Gate, Sessions, PasswordHasher, SignIn,
// LineLogin, WebhookEvents, routes.

#include "identity/allowed_pages.hpp"
#include "identity/api_token.hpp"
#include "identity/bootstrap.hpp"
#include "identity/gate.hpp"
#include "identity/key_routes.hpp"
#include "identity/key_store.hpp"
#include "identity/line_account.hpp"
#include "identity/line_channel.hpp"
#include "identity/line_login.hpp"
#include "identity/login_routes.hpp"
#include "identity/member.hpp"
#include "identity/member_routes.hpp"
#include "identity/member_session.hpp"
#include "identity/member_shown.hpp"
#include "identity/one_time_link.hpp"
#include "identity/own_address.hpp"
#include "identity/password.hpp"
#include "identity/person_routes.hpp"
#include "identity/rate_limits.hpp"
#include "identity/server_key.hpp"
#include "identity/session_routes.hpp"
#include "identity/sessions.hpp"
#include "identity/sign_in.hpp"
#include "identity/sign_in_routes.hpp"
#include "identity/signing.hpp"
#include "identity/token_routes.hpp"
#include "identity/trust.hpp"
#include "identity/user_sessions.hpp"
#include "identity/webhook_events.hpp"
#include "identity/webhook_routes.hpp"
#include "identity/workspace_routes.hpp"
