#include "events/leads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::events {
namespace {

using testing::ElementsAre;
using testing::Optional;

std::optional<Leads> read(const std::string& body) {
  const boost::json::value value = parse_json(body);
  JsonReader reader(value);
  auto leads = read_leads(reader);
  reader.finish();
  return leads;
}

TEST(Leads, AreReadTheLongestFirst) {
  EXPECT_EQ(read("{}"), std::nullopt);
  EXPECT_THAT(read(R"({"leads_minutes":null})"), Optional(Leads()));
  EXPECT_THAT(read(R"({"leads_minutes":[]})"), Optional(Leads(Leads::value_type())));
  EXPECT_THAT(**read(R"({"leads_minutes":[30,1,40320,2,3]})"), ElementsAre(40320, 30, 3, 2, 1));
}

TEST(Leads, AreRefusedByTheirPlace) {
  const auto culprit = [](std::string leads) {
    try {
      read("{\"leads_minutes\":" + std::move(leads) + "}");
    } catch (const Error& error) {
      return error.details().at(0).pointer;
    }
    return std::string("none");
  };
  for (const char* wrong :
       {"0", "-1", "40321", "1.5", "30", "\"5\"", "null", "18446744073709551615"}) {
    EXPECT_EQ(culprit("[30," + std::string(wrong) + "]"), "/leads_minutes/1") << wrong;
  }
  for (const char* wrong : {"30", "{}", "[1,2,3,4,5,6]", "false"}) {
    EXPECT_EQ(culprit(wrong), "/leads_minutes") << wrong;
  }
}

TEST(Leads, AreStoredAndShownAsJson) {
  const Leads some = Leads::value_type{30, 5}, none = Leads::value_type();
  for (const Leads& leads : {some, none, Leads()}) {
    EXPECT_EQ(leads_from_stored(stored_leads(leads)), leads);
  }
  EXPECT_EQ(stored_leads(some), "[30,5]");
  std::string object = R"({"id":"1")";
  append_leads(object, some);
  append_leads(object, Leads());
  EXPECT_EQ(object, R"({"id":"1","leads_minutes":[30,5],"leads_minutes":null)");
  for (const char* damaged : {"", "[", "[0]", "null", "[1,1]", "[1,2,3,4,5,6]"}) {
    EXPECT_THROW(leads_from_stored(damaged), Error) << damaged;
  }
}

}  // namespace
}  // namespace callboard::events
