#include "identity/key_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "identity/trust.hpp"
#include "tests/support/identity.hpp"
#include "tests/support/jws_keys.hpp"

namespace callboard::identity {
namespace {

class KeyStoreTest : public test::IdentityTest {
 protected:
  IssuedKey issue(KeyKind kind) {
    IssuedKey key;
    write([&](db::Transaction& transaction) {
      key = keys().issue(transaction, "demo", kind, clock().now());
    });
    return key;
  }
  std::vector<LiveKey> live(std::string_view app_id) {
    return database().get(
        [&](db::Transaction& transaction) { return keys().live(transaction, app_id); });
  }
};

TEST_P(KeyStoreTest, SealsSecretsAndTellsKindsByPrefix) {
  EXPECT_TRUE(made().client_key.starts_with("cbc_"));
  EXPECT_TRUE(made().server_key.starts_with("cbs_"));
  database().read([&](db::Transaction& transaction) {
    transaction.query("SELECT secret_sealed FROM app_keys", {}, [&](const db::Row& row) {
      EXPECT_EQ(row.text(0).find(made().client_key), std::string_view::npos);
      EXPECT_EQ(row.text(0).find(made().server_key), std::string_view::npos);
    });
  });
  EXPECT_EQ(live("demo").size(), 3u);  // with the one for sessions
  EXPECT_TRUE(live("nobody").empty());
}

TEST_P(KeyStoreTest, TwoKeysOfAKindMayLive) {
  const IssuedKey second = issue(KeyKind::client);
  EXPECT_NE(second.secret, made().client_key);
  EXPECT_THROW(issue(KeyKind::client), Error);
  issue(KeyKind::server);
  write([&](db::Transaction& transaction) {
    keys().retire(transaction, "demo", second.key_id, clock().now());
  });
  issue(KeyKind::client);
}

TEST_P(KeyStoreTest, ARetiredSecretIsGone) {
  write([&](db::Transaction& transaction) {
    keys().retire(transaction, "demo", made().server_key_id, clock().now());
  });
  database().read([&](db::Transaction& transaction) {
    transaction.query("SELECT secret_sealed FROM app_keys WHERE key_id = $1",
                      {made().server_key_id},
                      [](const db::Row& row) { EXPECT_TRUE(row.is_null(0)); });
    const auto records = keys().list(transaction, "demo");
    ASSERT_EQ(records.size(), 2u);
    EXPECT_TRUE(records[0].retired_at.has_value() || records[1].retired_at.has_value());
  });
  EXPECT_THROW(write([&](db::Transaction& transaction) {
                 keys().retire(transaction, "demo", made().server_key_id, clock().now());
               }),
               Error);
  EXPECT_THROW(write([&](db::Transaction& transaction) {
                 keys().retire(transaction, "other", made().server_key_id, clock().now());
               }),
               Error);
}

TEST_P(KeyStoreTest, AnotherServerKeyOpensNothing) {
  const KeyStore stranger(ServerKey::from_text("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="));
  try {
    database().read([&](db::Transaction& transaction) { stranger.live(transaction, "demo"); });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::internal);
  }
}

// A server whose key file was lost made a new one, said that it was ready, and answered every
// signed call with 500.
TEST_P(KeyStoreTest, TellsAtTheStartThatTheServerKeyIsAnother) {
  database().read(
      [&](db::Transaction& transaction) { EXPECT_NO_THROW(keys().check_server_key(transaction)); });
  const KeyStore stranger(ServerKey::from_text("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="));
  try {
    database().read([&](db::Transaction& transaction) { stranger.check_server_key(transaction); });
    FAIL() << "started";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
  }
}

TEST_P(KeyStoreTest, TrustFollowsItsChanges) {
  const std::uint64_t before = trust().version();
  const auto keys_before = trust().keys("demo");
  EXPECT_EQ(trust().keys_in_memory("demo"), keys_before);
  EXPECT_TRUE(trust().still_holds("demo", keys_before.get(), "", before));
  issue(KeyKind::client);
  EXPECT_GT(trust().version(), before);
  EXPECT_FALSE(trust().still_holds("demo", keys_before.get(), "", before));
  EXPECT_EQ(trust().keys_in_memory("demo"), nullptr);
  EXPECT_EQ(trust().keys("demo")->client.size(), 2u);
}

TEST_P(KeyStoreTest, TrustRemembersThatThereAreNoKeys) {
  EXPECT_TRUE(trust().keys("nobody")->empty());
  EXPECT_NE(trust().keys_in_memory("nobody"), nullptr);
  clock().advance(std::chrono::minutes{1});
  EXPECT_EQ(trust().keys_in_memory("nobody"), nullptr);
}

TEST_P(KeyStoreTest, TrustForgetsRevocationsRatherThanMissOne) {
  const auto app = trust().keys("demo");
  const std::uint64_t before = trust().version();
  write([&](db::Transaction& transaction) { trust().revoke(transaction, "demo", "family-1"); });
  EXPECT_TRUE(trust().is_revoked_in_memory("family-1"));
  EXPECT_TRUE(trust().is_revoked_at_rest("demo", "family-1"));
  EXPECT_FALSE(trust().still_holds("demo", app.get(), "family-1", before));
  EXPECT_TRUE(trust().still_holds("demo", app.get(), "family-2", before));
  write([&](db::Transaction& transaction) {
    for (std::size_t i = 0; i < Trust::max_revoked; ++i) {
      transaction.announce("demo", "revocation", "many-" + std::to_string(i));
    }
  });
  // What was verified before is verified anew: its revocation may be among those forgotten.
  EXPECT_FALSE(trust().still_holds("demo", app.get(), "family-2", before));
  EXPECT_TRUE(trust().still_holds("demo", app.get(), "family-2", trust().version()));
}

INSTANTIATE_STORE_TESTS(KeyStoreTest);

}  // namespace
}  // namespace callboard::identity
