#pragma once

// The public header of this folder: workspaces and applications, users and their attributes, the
// data providers that hand all of it to conditions, and the audit log of what operators change.

#include "audience/app_addresses.hpp"
#include "audience/application.hpp"
#include "audience/application_routes.hpp"
#include "audience/application_store.hpp"
#include "audience/applications.hpp"
#include "audience/attributes.hpp"
#include "audience/audit_log.hpp"
#include "audience/audit_routes.hpp"
#include "audience/check.hpp"
#include "audience/data_providers.hpp"
#include "audience/http_provider.hpp"
#include "audience/list_provider.hpp"
#include "audience/operator_write.hpp"
#include "audience/overrides.hpp"
#include "audience/settings_routes.hpp"
#include "audience/user.hpp"
#include "audience/user_info_routes.hpp"
#include "audience/user_routes.hpp"
#include "audience/user_scan.hpp"
#include "audience/user_store.hpp"
#include "audience/users.hpp"
#include "audience/web_address.hpp"
