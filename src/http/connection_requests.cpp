// What a connection does with each request: route it, ask the gate and the handler, or the work
// pool, and put the answer into the output. connection.cpp has the loop around it.

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "http/connection.hpp"
#include "http/io_thread.hpp"

namespace callboard::http {
namespace {

constexpr std::uint8_t every_method = (1U << method_count) - 1;

// On the work pool.
void work(Gate& gate, const Route& route, bool admitted,
          const std::shared_ptr<PendingAnswer>& pending) {
  // Lives until after the handler, so that what it throws is the answer.
  const auto promise = make_promise(pending);
  try {
    if (!admitted) gate.admit_blocking(route, pending->request());
    if (route.handler.work) return route.handler.work(pending->request(), Responder(promise));
    // Only the gate had to block.
    Response response;
    if (!route.handler.from_memory(pending->request(), response)) {
      throw Error(ErrorCode::internal, "internal error")
          .with_private("a handler without a work path had no answer: " + route.path);
    }
    response.keep_what_was_lent();
    promise->answer({std::move(response), nullptr});
  } catch (...) {
    promise->answer({{}, std::current_exception()});
  }
}

// `start`: of the answer, with which `output` ends.
void cut_short(std::string& output, std::size_t start, const Response& response) {
  if (response.ending == Ending::before_it_begins) output.resize(start);
  if (response.ending == Ending::within_its_body) {
    output.resize(output.size() - (response.content().size() + 1) / 2);
  }
}

// What the routes know: without the base path, where it is there.
std::string_view path_within(std::string_view path, std::string_view base_path) {
  const bool is_within = !base_path.empty() && path.starts_with(base_path) &&
                         path.substr(base_path.size()).starts_with('/');
  return is_within ? path.substr(base_path.size()) : path;
}

}  // namespace

void Connection::on_head() {
  const Head& head = reader().head();
  Request& request = exchange_->request;
  request = {};
  at_request_ = true;
  request.method = head.method;
  request.target = head.target;
  request.path = head.target.substr(0, head.target.find('?'));
  request.query = head.target.substr(std::min(request.path.size() + 1, head.target.size()));
  request.headers = head.headers;
  Peer peer{exchange_->peer};
  if (origin_.trusted_proxy) {
    peer = forwarded_peer(exchange_->peer, request.headers, thread_.server().trusted_proxies);
  }
  request.peer = peer.address;
  request.secure = peer.secure;
  const auto sent_id = request.header("X-Request-ID");
  if (!sent_id || !is_request_id(*sent_id)) thread_.request_ids().next(exchange_->request_id);
  request.id = sent_id && is_request_id(*sent_id) ? *sent_id : exchange_->request_id;

  request.path = path_within(request.path, thread_.server().base_path);
  match_ = thread_.server().router.find(request.method, request.path);
  request.parameters = match_.parameters;
  reader().limit_body(match_.route != nullptr ? match_.route->max_body : max_unrouted_body);
  if (!head.expects_continue || !reader().body_is_missing()) return;
  if (match_.route != nullptr) {
    output_ += continue_line;
  } else {
    // The client waits before it sends the body, which we don't want.
    must_linger_ = true;
    answer_unrouted();
  }
}

void Connection::on_request() {
  started_ = now_;
  exchange_->request.body = reader().body();
  if (match_.route == nullptr) return answer_unrouted();
  bool admitted = false;
  if (!answer_from_memory(admitted)) hand_to_pool(admitted);
}

bool Connection::answer_from_memory(bool& admitted) {
  const Route& route = *match_.route;
  Request& request = exchange_->request;
  Response& response = thread_.scratch_response();
  response.clear();
  try {
    admitted = thread_.server().gate.admit_from_memory(route, request);
    if (!admitted || !route.handler.from_memory) return false;
    if (!route.handler.from_memory(request, response)) return false;
  } catch (...) {
    write_problem(error_of(std::current_exception()), route.surface, request, response);
  }
  finish(response, true);
  return true;
}

void Connection::hand_to_pool(bool admitted) {
  const ServerContext& server = thread_.server();
  const Route& route = *match_.route;
  auto pending =
      std::make_shared<PendingAnswer>(*this, route.surface, exchange_, thread_.mailbox());
  const bool queued = server.pool.submit([tasks = server.tasks, &gate = server.gate,
                                          &clock = server.clock, &route, admitted, pending] {
    if (!tasks->enter()) return;
    pending->began = clock.monotonic();
    work(gate, route, admitted, pending);
    tasks->leave();
  });
  if (queued) {
    pending_ = std::move(pending);
    phase_ = Phase::working;
    return;
  }
  server.metrics.refused_work.add();
  Response& response = thread_.scratch_response();
  write_problem(Error(ErrorCode::unavailable, "the server is busy"), route.surface,
                exchange_->request, response);
  finish(response, true);
}

void Connection::take_answer() {
  const auto pending = std::exchange(pending_, nullptr);
  pending->connection = nullptr;
  phase_ = Phase::open;
  work_began_ = pending->began;
  Response response = pending->take();
  finish(response, true);
  if (!pending->overdue()) return;
  // Whoever should have answered may still be reading the old one.
  auto fresh =
      std::make_shared<Exchange>(head_limits(thread_.server().limits), reader().unparsed());
  fresh->peer = exchange_->peer;
  exchange_ = std::move(fresh);
}

void Connection::answer_unrouted() {
  started_ = now_;
  const Request& request = exchange_->request;
  const bool whole_server = request.target == "*";
  Response& response = thread_.scratch_response();
  response.clear();
  if (request.method == Method::options && (whole_server || match_.allowed != 0)) {
    response.status = 204;
  } else if (match_.allowed != 0) {
    write_refusal({405, "the path does not know this method"}, response);
  } else {
    write_refusal({404, "no such path"}, response);
  }
  if (response.status != 404) {
    response.header("Allow", allow_header(whole_server ? every_method : match_.allowed));
  }
  finish(response, !must_linger_);
}

void Connection::refuse(const Refusal& refusal) {
  if (!at_request_) {
    exchange_->request = {};
    thread_.request_ids().next(exchange_->request_id);
    exchange_->request.id = exchange_->request_id;
    match_ = {};
  }
  started_ = now_;
  must_linger_ = true;
  thread_.server().metrics.bad_requests.add();
  Response& response = thread_.scratch_response();
  write_refusal(refusal, response, match_.route == nullptr ? Surface::app : match_.route->surface);
  finish(response, false);
}

std::string_view Connection::allowed_origin() const {
  if (match_.route == nullptr || !is_for_pages(match_.route->surface)) return {};
  const Request& request = exchange_->request;
  const auto origin = request.header("Origin");
  if (!origin || !thread_.server().gate.allows_origin(request, *origin)) return {};
  return *origin;
}

// The answer to the request at hand goes out, and its memory is free for the next one.
void Connection::finish(Response& response, bool keep_alive) {
  const Request& request = exchange_->request;
  const Head& head = reader().head();
  auto stream = std::exchange(response.stream, nullptr);
  const bool head_only = request.method == Method::head;
  const bool streams = stream && !head_only;
  must_linger_ |= thread_.draining();
  keep_alive = keep_alive && head.keep_alive && !streams && !thread_.draining() &&
               response.ending == Ending::whole;
  const std::size_t start = output_.size();
  append_response(output_, response,
                  {.date_line = thread_.date_line(now_),
                   .request_id = request.id,
                   .allowed_origin = allowed_origin(),
                   .head_only = head_only,
                   .without_length = stream != nullptr,
                   .close = !keep_alive,
                   .http_1_0 = head.http_1_0});
  cut_short(output_, start, response);
  now_ = thread_.read_clock();
  ServerMetrics& metrics = thread_.server().metrics;
  RouteSeries& series = match_.route != nullptr ? metrics.route(match_.index) : metrics.unrouted();
  series.count(response.status, now_ - started_);
  if (const RequestLog& log = thread_.server().log; log.wants(now_ - started_)) {
    const auto queued = work_began_ ? std::optional(*work_began_ - started_) : std::nullopt;
    log_request(log, request, match_.route, response.status, {now_ - started_, queued});
  }
  work_began_.reset();
  if (!keep_alive) phase_ = Phase::closing;
  at_request_ = false;
  waiting_for_ = RequestReader::Stage::whole;
  reader().done();
  if (streams) begin_stream(std::move(stream));
}

}  // namespace callboard::http
