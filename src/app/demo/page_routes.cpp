#include "app/demo/page_routes.hpp"

namespace callboard::app {
namespace {

constexpr std::string_view sandbox_mark = "{{sandbox}}";

http::Route file(std::string path, std::string type, std::string text) {
  return {http::Method::get, std::move(path), http::Access::anyone, http::Surface::plain,
          http::immediate([type = std::move(type), text = std::move(text)](
                              const http::Request&, http::Response& response) {
            response.content_type(type);
            response.header("Cache-Control", "no-cache");
            response.header("Content-Security-Policy",
                            "default-src 'none'; script-src 'self'; style-src 'self';"
                            " connect-src 'self'; img-src http: https: data:; base-uri 'none'");
            response.body = text;
          })};
}

}  // namespace

http::Routes demo_page_routes(const std::string& sandbox_url) {
  std::string html(demo_html());
  html.replace(html.find(sandbox_mark), sandbox_mark.size(), sandbox_url);
  return {file("/demo", "text/html; charset=utf-8", std::move(html)),
          file("/demo.css", "text/css; charset=utf-8", std::string(demo_css())),
          file("/demo.js", "text/javascript; charset=utf-8", std::string(demo_js()))};
}

}  // namespace callboard::app
