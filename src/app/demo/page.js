// A front end as small as can be, against the calls that the festival's own uses.

const element = (id) => document.getElementById(id);

async function call(method, path, body) {
  const answer = await fetch(path, {
    method,
    credentials: "same-origin",
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body && JSON.stringify(body),
  });
  const { msg, data } = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(msg), { status: answer.status });
  return data;
}

// Nothing where nobody is logged in; an access token that has run out is refreshed once.
async function ifLoggedIn(method, path) {
  for (const mayRefresh of [true, false]) {
    try {
      return await call(method, path);
    } catch (error) {
      if (error.status !== 401) throw error;
      if (!mayRefresh || !(await refreshed())) return null;
    }
  }
  return null;
}

async function refreshed() {
  try {
    await call("POST", "users/refresh_token");
    return true;
  } catch {
    return false;
  }
}

function say(text) {
  element("notice").textContent = text;
}

function detailOf(event) {
  try {
    return JSON.parse(event.event_detail) ?? {};
  } catch {
    return { name: event.event_detail };
  }
}

const timeFormat = new Intl.DateTimeFormat("en-GB", {
  weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
});

function showEvent(event, subscribed, person) {
  const item = element("event").content.cloneNode(true);
  const detail = detailOf(event);
  const time = item.querySelector("time");
  time.dateTime = event.event_time_start;
  time.textContent = timeFormat.format(new Date(event.event_time_start));
  item.querySelector("h2").textContent = detail.name ?? event.id;
  item.querySelector(".place").textContent = detail.location ?? "";
  item.querySelector(".text").textContent = detail.description ?? "";
  const button = item.querySelector("button");
  const isOn = subscribed.has(event.id);
  button.textContent = isOn ? "Reminded" : "Remind me";
  button.ariaPressed = String(isOn);
  button.disabled = person === null;
  button.title = person === null ? "Log in first" : "";
  button.addEventListener("click", () => toggle(event, isOn));
  element("events").append(item);
}

async function toggle(event, isOn) {
  try {
    if (isOn) {
      await call("POST", `users/events/delete/${encodeURIComponent(event.id)}`);
      say("You will not be reminded of it.");
    } else {
      await call("POST", "users/events", event);
      say("You will be reminded before it starts.");
    }
  } catch (error) {
    say(error.message);
  }
  await show();
}

function showPerson(person) {
  const who = element("who");
  who.textContent = "";
  if (person === null) {
    const link = document.createElement("a");
    link.className = "button";
    link.href = `line-login/auth?redirect_path=${encodeURIComponent(location.pathname)}`;
    link.textContent = "Log in with LINE";
    who.append(link);
    return;
  }
  if (person.picture_url) {
    const picture = document.createElement("img");
    picture.src = person.picture_url;
    picture.alt = "";
    who.append(picture);
  }
  const name = document.createElement("span");
  name.textContent = person.name || person.id;
  const out = document.createElement("button");
  out.textContent = "Log out";
  out.addEventListener("click", async () => {
    await call("POST", "users/logout");
    await show();
  });
  who.append(name, out);
}

async function show() {
  const person = await ifLoggedIn("GET", "users/profile");
  const [events, own] = await Promise.all([
    call("GET", "events?limit=100"),
    person ? call("GET", "users/events") : [],
  ]);
  const subscribed = new Set(own.map((event) => event.id));
  showPerson(person);
  element("events").replaceChildren();
  for (const event of events) showEvent(event, subscribed, person);
}

const loginError = new URLSearchParams(location.search).get("login_error");
if (loginError) {
  say(loginError === "access_denied" ? "You did not log in." : "The login failed.");
  history.replaceState(null, "", location.pathname);
}
show().catch((error) => say(error.message));
