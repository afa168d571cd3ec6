#include "line/reminder_templates.hpp"

namespace callboard::line {

std::string_view reminder_template_text() {
  return R"json({
  "alt_text": "Event: {{name}}, 即將開始",
  "contents": {"type": "bubble",
    "body": {"type": "box", "layout": "vertical", "spacing": "md", "contents": [
      {"type": "text", "text": "{{name}}", "weight": "bold", "size": "xl", "wrap": true},
      {"type": "text", "when": "activity", "size": "sm", "color": "#888888", "wrap": true,
       "contents": [{"type": "span", "text": "{{activity}}"},
                    {"type": "span", "text": " - ", "when": "project"},
                    {"type": "span", "text": "{{project}}"}]},
      {"type": "text", "text": "{{description}}", "size": "sm", "wrap": true},
      {"type": "box", "layout": "vertical", "spacing": "sm", "contents": [
        {"type": "box", "layout": "baseline", "when": "date", "spacing": "sm", "contents": [
          {"type": "text", "text": "日期", "color": "#aaaaaa", "size": "sm", "flex": 1},
          {"type": "text", "text": "{{date}}", "size": "sm", "flex": 5, "wrap": true}]},
        {"type": "box", "layout": "baseline", "when": "time", "spacing": "sm", "contents": [
          {"type": "text", "text": "時間", "color": "#aaaaaa", "size": "sm", "flex": 1},
          {"type": "text", "text": "{{time}}", "size": "sm", "flex": 5, "wrap": true}]},
        {"type": "box", "layout": "baseline", "when": "location", "spacing": "sm", "contents": [
          {"type": "text", "text": "地點", "color": "#aaaaaa", "size": "sm", "flex": 1},
          {"type": "text", "text": "{{location}}", "size": "sm", "flex": 5, "wrap": true}]}]}]},
    "footer": {"type": "box", "layout": "vertical", "spacing": "sm", "contents": [
      {"type": "button", "style": "primary", "height": "sm",
       "action": {"type": "uri", "label": "報名參加", "uri": "{{link}}"}},
      {"type": "button", "style": "link", "height": "sm", "when": "event_id",
       "action": {"type": "postback", "label": "取消提醒",
                  "data": "unsubscribe:{{event_id}}"}}]}}
})json";
}

std::string_view moved_template_text() {
  return R"json({
  "alt_text": "Event: {{name}}, 時間更改",
  "contents": {"type": "bubble",
    "body": {"type": "box", "layout": "vertical", "spacing": "md", "contents": [
      {"type": "text", "text": "{{name}}", "weight": "bold", "size": "xl", "wrap": true},
      {"type": "text", "text": "時間更改，現在開始於 {{date}} {{time}}", "size": "sm",
       "wrap": true},
      {"type": "box", "layout": "baseline", "when": "location", "spacing": "sm", "contents": [
        {"type": "text", "text": "地點", "color": "#aaaaaa", "size": "sm", "flex": 1},
        {"type": "text", "text": "{{location}}", "size": "sm", "flex": 5, "wrap": true}]}]},
    "footer": {"type": "box", "layout": "vertical", "spacing": "sm", "contents": [
      {"type": "button", "style": "link", "height": "sm", "when": "event_id",
       "action": {"type": "postback", "label": "取消提醒",
                  "data": "unsubscribe:{{event_id}}"}}]}}
})json";
}

const MessageTemplate& reminder_template() {
  static const MessageTemplate parsed = parse_template_text(reminder_template_text());
  return parsed;
}

const MessageTemplate& moved_template() {
  static const MessageTemplate parsed = parse_template_text(moved_template_text());
  return parsed;
}

}  // namespace callboard::line
