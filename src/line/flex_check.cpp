#include "line/flex_check.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <span>
#include <string_view>

#include "line/message_limits.hpp"
#include "line/reply_member.hpp"

namespace callboard::line {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 3> layouts = {"horizontal", "vertical", "baseline"};
constexpr std::array<std::string_view, 4> in_baseline = {"text", "icon", "filler", "separator"};
constexpr std::array<std::string_view, 7> in_box = {"box",       "button", "image", "text",
                                                    "separator", "filler", "video"};
constexpr std::array<std::string_view, 3> in_hero = {"box", "image", "video"};
constexpr std::array<std::string_view, 1> only_box = {"box"};
constexpr std::array<std::string_view, 1> only_span = {"span"};
constexpr std::array<std::string_view, 7> bubble_sizes = {"nano", "micro", "deca", "hecto",
                                                          "kilo", "mega",  "giga"};
constexpr std::array<std::string_view, 3> modes = {"date", "time", "datetime"};

using Names = std::span<const std::string_view>;

class FlexCheck {
 public:
  explicit FlexCheck(std::vector<FailureDetail>& found) : found_(found) {}

  void container(const json::value& value, const std::string& place) {
    if (!value.is_object()) return refuse(place, "must be an object");
    const json::object& object = value.get_object();
    const std::string type = text_member(object, "type");
    if (type == "bubble") return bubble(value, place);
    if (type == "carousel") return carousel(value, place);
    refuse(place + ".type", "must be bubble or carousel");
  }

 private:
  void refuse(const std::string& place, std::string message) {
    if (found_.size() < max_failure_details) found_.push_back({place, std::move(message)});
  }

  void carousel(const json::value& value, const std::string& place) {
    if (json::serialize(value).size() > max_carousel_bytes) refuse(place, "is larger than 50 KB");
    const json::value* contents = value.get_object().if_contains("contents");
    if (contents == nullptr || !contents->is_array() || contents->get_array().empty()) {
      return refuse(place + ".contents", "must be an array of bubbles");
    }
    if (contents->get_array().size() > max_bubbles) {
      return refuse(place + ".contents", "has more than 12 bubbles");
    }
    each(*contents, place + ".contents", [this](const json::value& one, const std::string& where) {
      if (!one.is_object() || text_member(one.get_object(), "type") != "bubble") {
        return refuse(where + ".type", "must be bubble");
      }
      bubble(one, where);
    });
  }

  void bubble(const json::value& value, const std::string& place) {
    if (json::serialize(value).size() > max_bubble_bytes) refuse(place, "is larger than 30 KB");
    const json::object& object = value.get_object();
    choice(object, "size", bubble_sizes, place);
    if (const json::value* given = object.if_contains("action")) action(*given, place + ".action");
    bool has_block = false;
    for (const std::string_view name : {"header", "hero", "body", "footer"}) {
      const json::value* block = object.if_contains(name);
      if (block == nullptr) continue;
      has_block = true;
      const Names allowed = name == "hero" ? Names(in_hero) : Names(only_box);
      component(*block, place + "." + std::string(name), allowed);
    }
    if (!has_block) refuse(place, "must have a block");
  }

  void component(const json::value& value, const std::string& place, Names allowed) {
    if (!value.is_object()) return refuse(place, "must be an object");
    const json::object& object = value.get_object();
    const std::string type = text_member(object, "type");
    if (std::ranges::find(allowed, type) == allowed.end()) {
      return refuse(place + ".type", "is no component that may stand here");
    }
    if (type == "box") box(object, place);
    if (type == "text") text(object, place);
    if (type == "button") button(object, place);
    if (type == "image" || type == "icon") address(object, "url", place);
    if (type == "video") video(object, place);
    if (type == "span") words(object, place);
    const json::value* given = object.if_contains("action");
    if (given != nullptr) action(*given, place + ".action");
  }

  void box(const json::object& object, const std::string& place) {
    if (!object.contains("layout")) refuse(place + ".layout", "is required");
    choice(object, "layout", layouts, place);
    const json::value* contents = object.if_contains("contents");
    if (contents == nullptr || !contents->is_array()) {
      return refuse(place + ".contents", "must be an array");
    }
    const bool baseline = text_member(object, "layout") == "baseline";
    const Names allowed = baseline ? Names(in_baseline) : Names(in_box);
    each(*contents, place + ".contents",
         [&](const json::value& one, const std::string& where) { component(one, where, allowed); });
  }

  void text(const json::object& object, const std::string& place) {
    const json::value* spans = object.if_contains("contents");
    if (spans == nullptr || !spans->is_array() || spans->get_array().empty()) {
      return words(object, place);
    }
    each(*spans, place + ".contents", [&](const json::value& one, const std::string& where) {
      component(one, where, only_span);
    });
  }

  void button(const json::object& object, const std::string& place) {
    const json::value* given = object.if_contains("action");
    if (given == nullptr) return refuse(place + ".action", "is required");
    if (given->is_object() && text_member(given->get_object(), "label").empty()) {
      refuse(place + ".action.label", "May not be empty");
    }
  }

  void video(const json::object& object, const std::string& place) {
    address(object, "url", place);
    address(object, "previewUrl", place);
    const json::value* alternative = object.if_contains("altContent");
    if (alternative == nullptr) return refuse(place + ".altContent", "is required");
    component(*alternative, place + ".altContent", in_hero);
  }

  void words(const json::object& object, const std::string& place) {
    if (text_member(object, "text").empty()) refuse(place + ".text", "May not be empty");
  }

  void address(const json::object& object, std::string_view name, const std::string& place) {
    const std::string url = text_member(object, name);
    constexpr std::string_view scheme = "https://";
    if (!url.starts_with(scheme) || url.size() == scheme.size()) {
      refuse(place + "." + std::string(name), "must be an https URL");
    } else if (utf16_units(url) > max_image_url_units) {
      refuse(place + "." + std::string(name), "is longer than 2000 characters");
    }
  }

  void choice(const json::object& object, std::string_view name, Names choices,
              const std::string& place) {
    const json::value* given = object.if_contains(name);
    if (given == nullptr) return;
    const json::string* chosen = given->if_string();
    if (chosen == nullptr ||
        std::ranges::find(choices, std::string_view(*chosen)) == choices.end()) {
      refuse(place + "." + std::string(name), "is none of its values");
    }
  }

  void action(const json::value& value, const std::string& place) {
    if (!value.is_object()) return refuse(place, "must be an object");
    const json::object& object = value.get_object();
    const std::string type = text_member(object, "type");
    limited(object, "label", max_label_units, place);
    if (type == "uri") return uri(object, place);
    if (type == "message") return required(object, "text", max_message_action_units, place);
    if (type == "clipboard") return required(object, "clipboardText", max_uri_units, place);
    if (type == "postback") return data(object, place);
    if (type == "datetimepicker") {
      if (!object.contains("mode")) refuse(place + ".mode", "is required");
      choice(object, "mode", modes, place);
      return data(object, place);
    }
    refuse(place + ".type", "is no action that a Flex message may have");
  }

  void uri(const json::object& object, const std::string& place) {
    const std::string address = text_member(object, "uri");
    if (!is_action_uri(address)) {
      refuse(place + ".uri", address.empty() ? "May not be empty" : "invalid uri scheme");
    }
    limited(object, "uri", max_uri_units, place);
  }

  void data(const json::object& object, const std::string& place) {
    const json::value* given = object.if_contains("data");
    if (given == nullptr || !given->is_string()) refuse(place + ".data", "is required");
    limited(object, "data", max_postback_units, place);
  }

  void required(const json::object& object, std::string_view name, std::size_t limit,
                const std::string& place) {
    if (text_member(object, name).empty()) {
      refuse(place + "." + std::string(name), "May not be empty");
    }
    limited(object, name, limit, place);
  }

  void limited(const json::object& object, std::string_view name, std::size_t limit,
               const std::string& place) {
    if (utf16_units(text_member(object, name)) > limit) {
      refuse(place + "." + std::string(name),
             "is longer than " + std::to_string(limit) + " characters");
    }
  }

  template <class Function>
  static void each(const json::value& array, const std::string& place, Function&& function) {
    std::size_t position = 0;
    for (const json::value& one : array.get_array()) {
      function(one, place + "[" + std::to_string(position++) + "]");
    }
  }

  std::vector<FailureDetail>& found_;
};

}  // namespace

void check_flex_container(const json::value& container, const std::string& place,
                          std::vector<FailureDetail>& found) {
  FlexCheck(found).container(container, place);
}

}  // namespace callboard::line
