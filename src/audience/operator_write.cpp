#include "audience/operator_write.hpp"

#include <memory>
#include <utility>

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

}  // namespace callboard::audience
