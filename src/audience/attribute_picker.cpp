#include "audience/attribute_picker.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/error.hpp"

namespace callboard::audience {
namespace {

namespace json = boost::json;
using conditions::Value;

// Told by the parser what it finds: an object of scalars and of arrays of scalars.
class Collector {
 public:
  explicit Collector(std::vector<std::string> names)
      : names_(std::move(names)), values_(names_.size()), found_(names_.size()) {}

  void start() {
    std::ranges::fill(found_, nullptr);
    depth_ = 0;
  }
  std::span<const Value* const> picked() const { return found_; }

  // What the parser wants to know and tells; true goes on.
  static constexpr std::size_t max_object_size = SIZE_MAX;
  static constexpr std::size_t max_array_size = SIZE_MAX;
  static constexpr std::size_t max_key_size = SIZE_MAX;
  static constexpr std::size_t max_string_size = SIZE_MAX;
  using Code = boost::system::error_code;

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return open(); }
  bool on_object_end(std::size_t, Code&) { return close(); }
  bool on_array_begin(Code&) { return open(); }
  bool on_array_end(std::size_t, Code&) { return close(); }
  bool on_key_part(std::string_view part, std::size_t, Code&) {
    text_ += part;
    return true;
  }
  bool on_key(std::string_view rest, std::size_t, Code&) {
    if (depth_ == 1) wanted_ = place_of(whole(rest));
    text_.clear();
    return true;
  }
  bool on_string_part(std::string_view part, std::size_t, Code&) {
    if (is_wanted()) text_ += part;
    return true;
  }
  bool on_string(std::string_view rest, std::size_t, Code&) {
    if (!is_wanted()) return true;
    if (depth_ > 1)
      elements_.emplace_back(whole(rest));
    else
      found().assign(whole(rest));
    text_.clear();
    return true;
  }
  bool on_number_part(std::string_view, Code&) { return true; }
  bool on_int64(std::int64_t number, std::string_view, Code&) { return take(number); }
  bool on_uint64(std::uint64_t number, std::string_view, Code&) { return take(number); }
  bool on_double(double number, std::string_view, Code&) { return take(number); }
  bool on_bool(bool value, Code&) { return take(value); }
  bool on_null(Code&) { return take(); }
  bool on_comment_part(std::string_view, Code&) { return true; }
  bool on_comment(std::string_view, Code&) { return true; }

 private:
  static constexpr std::size_t nothing = SIZE_MAX;

  bool is_wanted() const { return depth_ > 0 && wanted_ != nothing; }
  std::size_t place_of(std::string_view name) const {
    const auto place = std::ranges::find(names_, name);
    return place == names_.end() ? nothing : static_cast<std::size_t>(place - names_.begin());
  }
  // A text that came in parts, or, nearly always, at once.
  std::string_view whole(std::string_view rest) {
    return text_.empty() ? rest : std::string_view(text_ += rest);
  }
  bool open() {
    if (++depth_ == 2) elements_.clear();
    return true;
  }
  bool close() {
    if (depth_-- == 2 && wanted_ != nothing) {
      found() = Value(std::move(elements_));
    }
    return true;
  }
  template <class... Scalar>
  bool take(Scalar... scalar) {
    if (!is_wanted()) return true;
    if (depth_ > 1)
      elements_.emplace_back(scalar...);
    else
      found() = Value(scalar...);
    return true;
  }
  Value& found() {
    found_[wanted_] = &values_[wanted_];
    return values_[wanted_];
  }

  std::vector<std::string> names_;
  std::vector<Value> values_;        // by name; old ones stay, for their memory
  std::vector<const Value*> found_;  // by name: into values_, or null
  std::vector<Value> elements_;      // of the array that is being read
  std::string text_;                 // the parts of a key or string so far
  std::size_t depth_ = 0;            // 1: in the object; 2: in an array
  std::size_t wanted_ = nothing;     // the place of the last key
};

}  // namespace

class AttributePicker::Parser {
 public:
  explicit Parser(std::vector<std::string> names)
      : parser_(json::parse_options(), std::move(names)) {}

  std::span<const Value* const> parse(std::string_view text) {
    parser_.reset();
    parser_.handler().start();
    boost::system::error_code failure;
    const std::size_t read = parser_.write_some(false, text.data(), text.size(), failure);
    if (failure || read != text.size() || text.front() != '{') {
      throw Error(ErrorCode::internal, "stored attributes are damaged")
          .with_private(failure.message());
    }
    return parser_.handler().picked();
  }

 private:
  json::basic_parser<Collector> parser_;
};

AttributePicker::AttributePicker(std::vector<std::string> names)
    : parser_(std::make_unique<Parser>(std::move(names))) {}

AttributePicker::~AttributePicker() = default;
AttributePicker::AttributePicker(AttributePicker&&) noexcept = default;
AttributePicker& AttributePicker::operator=(AttributePicker&&) noexcept = default;

std::span<const Value* const> AttributePicker::pick(std::string_view attributes) {
  return parser_->parse(attributes);
}

}  // namespace callboard::audience
