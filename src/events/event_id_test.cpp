#include "events/event_id.hpp"

#include <gtest/gtest.h>

namespace callboard::events {
namespace {

const Zone taipei("Asia/Taipei"), utc("UTC");

Timestamp at(std::string_view text) {
  return parse_event_time(text, utc).value();
}

// Computed by Python's uuid.uuid5(uuid.UUID(int=0), TEXT) over the texts that the comments show.
TEST(EventId, IsDerivedFromTheContentAsElsewhere) {
  const Timestamp start = at("2024/3/2 1:00"), end = at("2024/3/2 2:20");
  // {"event_detail":"{\"name\":\"Opening\"}","event_time_end":"2024-03-02T10:20:00+08:00",
  //  "event_time_start":"2024-03-02T09:00:00+08:00"}
  EXPECT_EQ(derived_event_id(R"({"name":"Opening"})", start, end, taipei),
            "8120e4d6-d80e-5bf1-9aa1-823ab771b68c");
  // {"event_detail":null,"event_time_end":"2024-03-02T10:20:00Z",
  //  "event_time_start":"2024-03-02T09:00:00Z"}
  EXPECT_EQ(derived_event_id(std::nullopt, at("2024/3/2 9:00"), at("2024/3/2 10:20"), utc),
            "20209fa6-0d1f-564a-8b67-94ebd573deae");
}

// {"event_detail":"a\u003cbr\u003e\u0026\n\t\r\\\"\u0001\u2028\u2029é台", ...the first's times}
TEST(EventId, EscapesTextAsGoDoes) {
  EXPECT_EQ(derived_event_id("a<br>&\n\t\r\\\"\x01\u2028\u2029é台", at("2024/3/2 1:00"),
                             at("2024/3/2 2:20"), taipei),
            "4fe60b68-631e-5240-821c-0403fac360ac");
}

TEST(EventId, HasOneTo36PrintableCharacters) {
  const std::string longest(36, 'x');
  std::string wide;
  for (int i = 0; i < 36; ++i) wide += "台";
  for (const std::string& id : {std::string("1"), longest, wide, std::string("a b?%#"),
                                std::string("..."), std::string("é")}) {
    EXPECT_TRUE(is_event_id(id)) << id;
  }
  for (const std::string& id :
       {std::string(), longest + "x", wide + "x", std::string("a/b"), std::string("."),
        std::string(".."), std::string("a\nb"), std::string("\x7f"), std::string("\xc2\x85"),
        std::string("\xff"), std::string("\0", 1)}) {
    EXPECT_FALSE(is_event_id(id)) << id;
  }
}

}  // namespace
}  // namespace callboard::events
