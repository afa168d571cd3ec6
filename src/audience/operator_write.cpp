#include "audience/operator_write.hpp"

#include <boost/json.hpp>
#include <memory>
#include <string>
#include <utility>

#include "base/json.hpp"
#include "base/json_reader.hpp"

namespace callboard::audience {

void answer_after_write(db::Database& database, http::Responder responder, OperatorWrite write) {
  auto response = std::make_shared<http::Response>();
  auto answer = std::make_shared<http::Responder>(std::move(responder));
  database.write([response, write = std::move(write)](
                     db::Transaction& transaction) { *response = write(transaction); },
                 [response, answer](std::exception_ptr error) {
                   error ? answer->fail(error) : answer->send(std::move(*response));
                 });
}

void require_confirmation(std::string_view body, std::string_view id) {
  const boost::json::value given = parse_json(body);
  JsonReader reader(given);
  reader.require("confirm");
  const auto confirmed = reader.string("confirm");
  if (confirmed && *confirmed != id) {
    reader.refuse("confirm", "must be " + std::string(id) + ", which this would delete");
  }
  reader.finish();
}

}  // namespace callboard::audience
