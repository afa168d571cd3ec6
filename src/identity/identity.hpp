#pragma once

// The public header of this folder: who is calling, and whether they may. The Gate admits requests;
// KeyStore, Trust and Sessions are what it and the routes stand on, built by app/ in this order:
// ServerKey, KeyStore, Trust, Gate, Sessions, routes.

#include "identity/api_token.hpp"
#include "identity/bootstrap.hpp"
#include "identity/gate.hpp"
#include "identity/key_store.hpp"
#include "identity/operator_routes.hpp"
#include "identity/rate_limits.hpp"
#include "identity/server_key.hpp"
#include "identity/session_routes.hpp"
#include "identity/sessions.hpp"
#include "identity/signing.hpp"
#include "identity/trust.hpp"
