#include "app/demo/page_routes.hpp"

namespace callboard::app {
namespace {

constexpr std::string_view sandbox_mark = "{{sandbox}}";

using http::Access;
using http::Method;
using http::Surface;

http::Handler file(std::string type, std::string text) {
  return http::immediate([type = std::move(type), text = std::move(text)](
                             const http::Request&, http::Response& response) {
    response.content_type(type);
    response.header("Cache-Control", "no-cache");
    response.header("Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self';"
                    " connect-src 'self'; img-src http: https: data:; base-uri 'none'");
    response.body = text;
  });
}

}  // namespace

http::Routes demo_page_routes(const std::string& sandbox_url) {
  std::string html(demo_html());
  html.replace(html.find(sandbox_mark), sandbox_mark.size(), sandbox_url);
  return {
      {Method::get, "/demo", Access::anyone, Surface::plain,
       file("text/html; charset=utf-8", std::move(html))},
      {Method::get, "/demo.css", Access::anyone, Surface::plain,
       file("text/css; charset=utf-8", std::string(demo_css()))},
      {Method::get, "/demo.js", Access::anyone, Surface::plain,
       file("text/javascript; charset=utf-8", std::string(demo_js()))},
  };
}

}  // namespace callboard::app
