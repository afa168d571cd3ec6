// The low-level SHA-256 of OpenSSL is deprecated in favour of EVP, which allocates a context for
// every copy of a state. Here a state is 32 bytes; docs/decisions/0005-low-level-sha256.md.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/sha256.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstring>

namespace callboard {
namespace {

constexpr std::size_t block_bytes = SHA256_CBLOCK;

using KeyBlock = std::array<unsigned char, block_bytes>;

// RFC 2104 §2: a key longer than a block is hashed first; the rest is zero.
KeyBlock key_block(std::string_view secret) {
  KeyBlock block{};
  if (secret.size() <= block.size()) {
    std::ranges::copy(secret, block.begin());
  } else {
    std::ranges::copy(sha256(secret), block.begin());
  }
  return block;
}

std::array<std::uint32_t, 8> state_after(KeyBlock block, unsigned char pad) {
  for (unsigned char& byte : block) byte ^= pad;
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, block.data(), block.size());
  std::array<std::uint32_t, 8> state;
  std::ranges::copy(context.h, state.begin());
  OPENSSL_cleanse(block.data(), block.size());
  OPENSSL_cleanse(&context, sizeof context);
  return state;
}

SHA256_CTX resume(const std::array<std::uint32_t, 8>& state) {
  SHA256_CTX context{};
  std::ranges::copy(state, context.h);
  context.Nl = block_bytes * 8;  // bits hashed so far
  context.md_len = SHA256_DIGEST_LENGTH;
  return context;
}

// Gathers small parts, because each SHA256_Update costs as much as copying a hundred bytes.
class Gatherer {
 public:
  explicit Gatherer(SHA256_CTX& context) : context_(context) {}

  void add(std::string_view part) {
    if (part.empty()) return;  // it may point nowhere, which memcpy() may not be given
    if (part.size() > buffer_.size() - used_) flush();
    if (part.size() > buffer_.size()) {
      SHA256_Update(&context_, part.data(), part.size());
      return;
    }
    std::memcpy(buffer_.data() + used_, part.data(), part.size());
    used_ += part.size();
  }
  void flush() {
    SHA256_Update(&context_, buffer_.data(), used_);
    used_ = 0;
  }

 private:
  SHA256_CTX& context_;
  std::array<char, 8 * block_bytes> buffer_;
  std::size_t used_ = 0;
};

}  // namespace

Digest sha256(std::string_view text) {
  Digest digest;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return digest;
}

HexDigest hex(const Digest& digest) {
  static constexpr char digits[] = "0123456789abcdef";
  HexDigest text;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    text[2 * i] = digits[digest[i] >> 4];
    text[2 * i + 1] = digits[digest[i] & 15];
  }
  return text;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

HmacKey::HmacKey(std::string_view secret) {
  KeyBlock block = key_block(secret);
  inner_ = state_after(block, 0x36);
  outer_ = state_after(block, 0x5c);
  OPENSSL_cleanse(block.data(), block.size());
}

HmacKey::~HmacKey() {
  OPENSSL_cleanse(inner_.data(), sizeof inner_);
  OPENSSL_cleanse(outer_.data(), sizeof outer_);
}

Digest HmacKey::mac(std::initializer_list<std::string_view> parts) const {
  Digest digest;
  SHA256_CTX context = resume(inner_);
  Gatherer gatherer(context);
  for (const std::string_view part : parts) gatherer.add(part);
  gatherer.flush();
  SHA256_Final(digest.data(), &context);

  context = resume(outer_);
  SHA256_Update(&context, digest.data(), digest.size());
  SHA256_Final(digest.data(), &context);
  return digest;
}

}  // namespace callboard
