#include "identity/server_key.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/error.hpp"
#include "base/random.hpp"
#include "crypto/base64url.hpp"

namespace callboard::identity {
namespace {

static_assert(crypto_secretbox_KEYBYTES == 32);
constexpr std::size_t text_bytes = 44;      // base64 of 32 bytes
constexpr std::size_t max_file_bytes = 64;  // with white space around

class File {
 public:
  File(const std::filesystem::path& path, int flags) : fd_(::open(path.c_str(), flags, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_;
};

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& why) {
  throw Error(ErrorCode::unavailable, "the server key " + path.string() + " " + why);
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
  throw Error(ErrorCode::invalid, "the server key " + path.string() + " " + why);
}

void check_guarded(const std::filesystem::path& path, int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) fail(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) refuse(path, "is not a regular file");
  if (status.st_uid != ::geteuid()) refuse(path, "belongs to another user");
  if ((status.st_mode & 077) != 0) refuse(path, "can be read by others: set its mode to 0600");
}

// Nothing: there is no such file.
std::optional<std::string> read_guarded(const std::filesystem::path& path) {
  const File file(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (!file.is_open()) {
    if (errno == ENOENT) return std::nullopt;
    fail(path, std::strerror(errno));
  }
  check_guarded(path, file.get());
  std::string text(max_file_bytes + 1, '\0');
  const ssize_t read = ::read(file.get(), text.data(), text.size());
  if (read < 0) fail(path, std::strerror(errno));
  text.resize(static_cast<std::size_t>(read));
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

void write_durably(const std::filesystem::path& path, const std::string& text) {
  const File file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC);
  const bool done =
      file.is_open() &&
      ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file.get()) == 0;
  if (!done) fail(path, std::strerror(errno));
}

// Two programs may start at once: the first link wins, and both read what it made.
void create(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path draft = path.string() + "." + random_token(8);
  write_durably(draft, text);
  const bool linked = ::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST;
  const int reason = errno;
  ::unlink(draft.c_str());
  if (!linked) fail(path, std::strerror(reason));
  const File directory(path.parent_path(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (!directory.is_open() || ::fsync(directory.get()) != 0) fail(path, std::strerror(errno));
}

std::string base64(std::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();  // libsodium's terminating NUL
  return text;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

ServerKey ServerKey::from_text(std::string_view text) {
  ServerKey key;
  std::size_t length = 0;
  const bool read =
      text.size() == text_bytes &&
      sodium_base642bin(key.bytes_.data(), key.bytes_.size(), text.data(), text.size(), nullptr,
                        &length, nullptr, sodium_base64_VARIANT_ORIGINAL) == 0;
  if (!read || length != key.bytes_.size()) {
    throw Error(ErrorCode::invalid, "the server key must be the base64 of 32 bytes");
  }
  return key;
}

ServerKey ServerKey::load_or_create(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / file_name;
  auto text = read_guarded(path);
  if (!text) {
    create(path, base64(random_bytes(crypto_secretbox_KEYBYTES)) + "\n");
    text = read_guarded(path);
  }
  if (!text) fail(path, "has disappeared");
  try {
    return from_text(*text);
  } catch (const Error&) {
    refuse(path, "is damaged: it must hold the base64 of 32 bytes");
  }
}

ServerKey::~ServerKey() {
  sodium_memzero(bytes_.data(), bytes_.size());
}

std::string ServerKey::seal(std::string_view context, std::string_view secret) const {
  std::string plain(context);
  plain += '\0';
  plain += secret;
  std::string sealed = random_bytes(crypto_secretbox_NONCEBYTES);
  sealed.resize(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + plain.size());
  auto* out = reinterpret_cast<unsigned char*>(sealed.data());
  crypto_secretbox_easy(out + crypto_secretbox_NONCEBYTES, bytes_of(plain), plain.size(), out,
                        bytes_.data());
  sodium_memzero(plain.data(), plain.size());
  return base64url(sealed);
}

std::string ServerKey::open(std::string_view context, std::string_view sealed) const {
  constexpr std::size_t overhead = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
  const auto bytes = from_base64url(sealed);
  if (bytes && bytes->size() >= overhead) {
    std::string plain(bytes->size() - overhead, '\0');
    const unsigned char* in = bytes_of(*bytes);
    const bool opened = crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(plain.data()),
                                                   in + crypto_secretbox_NONCEBYTES,
                                                   bytes->size() - crypto_secretbox_NONCEBYTES, in,
                                                   bytes_.data()) == 0;
    const std::string expected = std::string(context) + '\0';
    if (opened && plain.starts_with(expected)) return plain.substr(expected.size());
  }
  throw Error(ErrorCode::internal, "a stored secret can't be opened with this server key");
}

}  // namespace callboard::identity
