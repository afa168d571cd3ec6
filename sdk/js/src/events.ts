// Reads server-sent events (HTML Living Standard, 9.2) from the chunks of a body.

export interface ServerEvent {
  type: string;
  data: string;
  id: string;
}

const maxEventLength = 1 << 20;  // a server that never ends an event is not fed memory

/** Takes text as it comes and returns the events that are complete. */
export class EventReader {
  /** How long the server wants to be left alone before the next connection, if it said. */
  retryMs: number | undefined;
  private rest = "";
  private type = "";
  private data: string[] = [];
  private id = "";

  push(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    // A CR at the end may be half of a CRLF: it waits for what comes next.
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.line(line, events);
    if (this.rest.length + this.data.join("").length > maxEventLength) {
      throw new RangeError("an event is too long");
    }
    return events;
  }

  private line(line: string, events: ServerEvent[]): void {
    if (line === "") {
      if (this.data.length > 0) {
        events.push({type: this.type || "message", data: this.data.join("\n"), id: this.id});
      }
      this.type = "";
      this.data = [];
      return;
    }
    const [, name = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === "event") this.type = value;
    else if (name === "data") this.data.push(value);
    else if (name === "id") this.id = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.retryMs = Number(value);
  }
}
