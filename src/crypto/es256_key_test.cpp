#include "crypto/es256_key.hpp"

#include <gtest/gtest.h>

#include "crypto/jws.hpp"

namespace callboard::jws {
namespace {

TEST(Es256Key, SignsWhatItsPublicHalfVerifies) {
  const Es256Key made = new_es256_key();
  const Key public_half = Key::public_key(made.public_jwk("a name"));
  const std::string text = sign(Key::private_key(made.private_pem), "{}", "a name");
  const auto token = parse(text);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->key_id, "a name");
  EXPECT_TRUE(verify(*token, public_half));
  EXPECT_FALSE(verify(*token, Key::public_key(new_es256_key().public_jwk("a name"))));
}

}  // namespace
}  // namespace callboard::jws
