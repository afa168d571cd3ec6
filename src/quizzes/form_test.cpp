#include "quizzes/form.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/error.hpp"

namespace callboard::quizzes {
namespace {

constexpr auto multipart = "multipart/form-data; boundary=----Form7";

// The value; "none"; "malformed".
std::string value(const std::string& type, const std::string& body,
                  const std::string& name = "type") {
  const std::vector<http::Header> headers{{"Content-Type", type}};
  http::Request request;
  request.headers = headers;
  request.body = body;
  try {
    return form_value(request, name).value_or("none");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    return "malformed";
  }
}

std::string part(const std::string& disposition, const std::string& content) {
  return "------Form7\r\nContent-Disposition: " + disposition + "\r\n\r\n" + content + "\r\n";
}

const std::string end = "------Form7--\r\n";
const std::string owl = part("form-data; name=\"type\"", "Big 狐\r\n--owl");
const std::string seven = part("form-data; name=count", "7");

TEST(FormTest, ReadsWhatAPageSends) {
  EXPECT_EQ(value(multipart, owl + seven + end), "Big 狐\r\n--owl");
  EXPECT_EQ(value(multipart, owl + seven + end, "count"), "7");
  EXPECT_EQ(value(multipart, owl + seven + end, "other"), "none");
  EXPECT_EQ(value(multipart, owl + part("form-data; name=\"type\"", "b") + end), "Big 狐\r\n--owl");
  EXPECT_EQ(value("Multipart/Form-Data;Boundary=\"----Form7\"", seven + end, "count"), "7");
  EXPECT_EQ(value(multipart, part("form-data; name=\"type\"", "") + end), "");
  EXPECT_EQ(value(multipart, end), "none");
  EXPECT_EQ(value(multipart, seven + "------Form7--", "count"), "7") << "no line end at the end";
  EXPECT_EQ(value(multipart,
                  "------Form7\r\ncontent-type: text/plain\r\ncontent-disposition:form-data; "
                  "name=\"type\"\r\n\r\nowl\r\n" +
                      end),
            "owl");
}

TEST(FormTest, ReadsAPlainForm) {
  EXPECT_EQ(value("application/x-www-form-urlencoded", "count=7&type=Big+%E7%8B%90"), "Big 狐");
  EXPECT_EQ(value("", "type=owl"), "owl");
  EXPECT_EQ(value("", "type=%zz"), "malformed");
}

TEST(FormTest, RefusesWhatIsNone) {
  const std::string whole = owl + seven + end;
  for (std::size_t size = 0; size < whole.size() - 2; ++size) {
    EXPECT_EQ(value(multipart, whole.substr(0, size)), "malformed") << size;
  }
  EXPECT_EQ(value("multipart/form-data", whole), "malformed");
  EXPECT_EQ(value("multipart/form-data; boundary=", whole), "malformed");
  EXPECT_EQ(value("multipart/form-data; boundary=" + std::string(71, 'a'), whole), "malformed");
  EXPECT_EQ(value("multipart/form-data; boundary=\"----Form7", whole), "malformed");
  EXPECT_EQ(value("multipart/form-data; boundary=other", whole), "malformed");
  EXPECT_EQ(value(multipart, "x" + whole), "malformed");
  EXPECT_EQ(value(multipart, whole + "x"), "malformed");
  EXPECT_EQ(value(multipart, part("attachment; name=\"type\"", "owl") + end), "malformed");
  EXPECT_EQ(value(multipart, part("form-data", "owl") + end), "malformed");
  EXPECT_EQ(value(multipart, part("form-data; name=\"type", "owl") + end), "malformed");
  EXPECT_EQ(value(multipart, part("form-data; name=\"type\"; filename=\"a\"", "owl") + end),
            "malformed");
  EXPECT_EQ(value(multipart, "------Form7\r\n\r\nowl\r\n" + end), "malformed");
  EXPECT_EQ(value(multipart, "------Form7\r\nno header\r\n\r\nowl\r\n" + end), "malformed");
}

TEST(FormTest, IsBounded) {
  std::string body;
  for (std::size_t i = 0; i < max_form_parts; ++i) body += seven;
  EXPECT_EQ(value(multipart, body + end, "count"), "7");
  EXPECT_EQ(value(multipart, body + seven + end, "count"), "malformed");
  EXPECT_EQ(value("", "type=" + std::string(max_form_bytes - 5, 'a')).size(), max_form_bytes - 5);
  EXPECT_EQ(value("", "type=" + std::string(max_form_bytes - 4, 'a')), "malformed");
}

}  // namespace
}  // namespace callboard::quizzes
