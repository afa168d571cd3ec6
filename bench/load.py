"""What the server is loaded with: bulletins, users, and requests signed beforehand."""

import json
import random
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import databases
from callboard import App, compact_json, expect_ok, sign

CITIES = ["Taipei", "Tainan", "Kaohsiung", "Hualien", "Yilan", "Keelung", "Hsinchu", "Chiayi",
          "Pingtung", "Taitung"]
VERSIONS = [f"{major}.{minor}.{patch}"
            for major in (1, 2) for minor in (0, 4, 9) for patch in (0, 3)]
BOARD = "/bp/bulletin_board"


def condition(rng: random.Random, age_span: int, cities: int) -> dict:
    """Four predicates, as the seed writes them: an age within a span, a city, a version."""
    low = rng.randint(0, 100 - age_span)
    return {"logic": "&&", "conditions": [
        {"variable": "age", "logic": ">=", "target": low, "target_type": "number"},
        {"variable": "age", "logic": "<", "target": low + age_span, "target_type": "number"},
        {"variable": "city", "logic": "in", "target": rng.sample(CITIES, cities),
         "target_type": "string"},
        {"variable": "app_version", "logic": ">=", "target": rng.choice(VERSIONS[:4]),
         "target_type": "version"}]}


def bulletin(rng: random.Random, number: int, age_span=35, cities=4) -> dict:
    return {"bulletin_name": f"bulletin {number}",
            "category": rng.choice(["news", "shop", "stage"]),
            "bulletin_body": "What is on today, and where: " + f"{number:05d}" * 7,
            "valid_date_start": 1, "valid_date_end": 4102444800, "priority": rng.randint(0, 9),
            "bulletin_condition": condition(rng, age_span, cities)}


def store_users(app: App, count: int, rng: random.Random):
    """Users u0, u1, ... with an age, a city and a few more attributes."""
    for start in range(0, count, 1000):
        body = [{"user_id": f"u{number}",
                 "attributes": {"age": rng.randint(0, 99), "city": rng.choice(CITIES),
                                "vip": rng.random() < 0.1, "level": rng.randint(1, 60)}}
                for number in range(start, min(start + 1000, count))]
        expect_ok(app.backend("PUT", "/bp/server/users/info", body))


def insert_bulletins(data: Path, app_id: str, count: int, rng: random.Random):
    """Straight into the database of a server that is not running: copies of the first bulletin with
    other conditions, of which about one in a thousand holds for a user."""
    columns = [column for (column,) in databases.execute(
        data, "SELECT name FROM pragma_table_info('bulletins')" if not databases.SERVER else
        "SELECT attname FROM pg_attribute WHERE attrelid = 'bulletins'::regclass AND attnum > 0"
        " ORDER BY attnum")]
    [first] = databases.execute(data, "SELECT * FROM bulletins WHERE app_id = :app LIMIT 1",
                                app=app_id)
    first = dict(zip(columns, first))
    databases.execute(data, "DELETE FROM bulletins WHERE app_id = :app", app=app_id)
    rows = []
    for number in range(1, count + 1):
        made = bulletin(rng, number, age_span=1, cities=1)
        rows.append(first | {"bulletin_id": number, "name": made["bulletin_name"],
                             "body": made["bulletin_body"], "priority": made["priority"],
                             "condition": json.dumps(made["bulletin_condition"])})
    databases.insert_many(data, "bulletins", (tuple(row.values()) for row in rows))
    databases.execute(data, "UPDATE boards SET last_bulletin_id = :count, revision = revision + 1"
                      " WHERE app_id = :app", count=count, app=app_id)


def insert_users(data: Path, app_id: str, count: int, rng: random.Random):
    """Straight into the database of a server that is not running: users with nine attributes, in
    the order of a shuffle."""
    numbers = list(range(count))
    rng.shuffle(numbers)
    databases.insert_many(data, "users", (
        (app_id, f"u{number}", compact_json(
            {"age": rng.randint(0, 99), "app_version": rng.choice(VERSIONS),
             "city": rng.choice(CITIES), "country": "TW", "level": rng.randint(1, 60),
             "plan": rng.choice(["free", "plus"]), "score": rng.random(),
             "tags": ["member", "racer"], "vip": rng.random() < 0.1}).decode(),
         1, 1700000000000, 1700000000000)
        for number in numbers))


class SignedReads:
    """The reads of many users, signed anew for each run: a signature is good for 5 minutes."""

    def __init__(self, app: App, users: int, each: int):
        self.app, self.users, self.each = app, users, each
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(app.session, (f"u{number}" for number in range(users))))
        self.tags = {}

    def headers_of(self, number: int, with_tag=False) -> dict:
        token = self.app.sessions[f"u{number}"]
        signature = sign(self.app.client_key, self.app.app_id, "GET", BOARD, token)
        headers = {"X-BytePower-Sign": signature,
                   "X-BytePower-Session-Token": token,
                   "X-App-Version": VERSIONS[number % len(VERSIONS)], "X-Device-Info": "ios"}
        return headers | ({"If-None-Match": self.tags[number]} if with_tag else {})

    def bodies(self) -> list[bytes]:
        """Every user's answer, checked; remembers their tags."""
        connection = self.app.server.connect()
        bodies = []
        for number in range(self.users):
            response = self.app.server.request("GET", BOARD, self.headers_of(number),
                                               connection=connection)
            expect_ok(response)
            self.tags[number] = response.headers["ETag"]
            bodies.append(response.body)
        connection.close()
        return bodies

    def write(self, file: Path, with_tag=False) -> Path:
        """A file for replay.lua, in an order in which no user follows himself."""
        requests = (raw_request("GET", BOARD, self.headers_of(number, with_tag))
                    for _ in range(self.each) for number in range(self.users))
        file.write_bytes(b"\x01".join(requests))
        return file


class AttributeWrites:
    """One backend's uploads, each for another user, so that none waits for another's row."""

    def __init__(self, app: App, users: int):
        self.app, self.users = app, users

    def write(self, file: Path, with_tag=False) -> Path:
        assert not with_tag
        headers = {"X-BytePower-Auth-Token": self.app.backend_token()}
        requests = (raw_request("PATCH", f"/bp/server/user/u{number}/info", headers,
                                compact_json({"attributes": {"age": number % 90}}))
                    for number in range(self.users))
        file.write_bytes(b"\x01".join(requests))
        return file


def festival_event(rng: random.Random, number: int) -> dict:
    """A row as the festival's list has them, of about the same length."""
    hour = rng.randrange(8, 20)
    return {"id": str(number + 1), "name": f"單車 {number + 1} - 夜騎", "activity": "騎乘",
            "project": "一起騎", "description": "帶上車燈與雨衣，慢慢騎到港口。" * rng.randrange(4, 12),
            "date": f"3/{rng.randrange(1, 30)}", "startTime": f"{hour:02}:00",
            "endTime": f"{hour + 1:02}:20", "location": "港口", "host": "車隊",
            "link": f"https://example.org/events/{number + 1}"}


class EventReads:
    """Anybody's reads of an application's events by their ids, in a random order."""

    def __init__(self, app: App, count: int, rng: random.Random):
        self.app, self.headers = app, {"X-App-ID": app.app_id}
        self.paths = [f"/events/{number + 1}" for number in range(count)]
        self.order = rng.choices(self.paths, k=20 * count)

    def bodies(self) -> dict[str, bytes]:
        return {path: self.read(path).body for path in self.paths}

    def read(self, path: str):
        response = self.app.server.request("GET", path, self.headers)
        expect_ok(response)
        return response

    def write(self, file: Path, with_tag=False) -> Path:
        assert not with_tag
        file.write_bytes(b"\x01".join(raw_request("GET", path, self.headers)
                                      for path in self.order))
        return file


class ProfileReads:
    """People's reads of who they are: one row of the database each time."""

    def __init__(self, app: App, people: int):
        self.headers = [self.headers_of(app, f"u{number}") for number in range(people)]

    @staticmethod
    def headers_of(app: App, user: str) -> dict:
        answer = app.server.request("GET", f"/users/login/{user}", {"X-App-ID": app.app_id})
        return {"Authorization": f"Bearer {expect_ok(answer)['data']['access_token']}"}

    def write(self, file: Path, with_tag=False) -> Path:
        assert not with_tag
        file.write_bytes(b"\x01".join(raw_request("GET", "/users/profile", headers)
                                      for headers in self.headers))
        return file


class QuizIncrements:
    """One backend's increments of a quiz, its types in turn."""

    def __init__(self, app: App, types: list[str]):
        self.app, self.types = app, types

    def write(self, file: Path) -> Path:
        headers = {"X-BytePower-Auth-Token": self.app.backend_token()}
        requests = (raw_request("POST", "/quizzes/q/results", headers,
                                compact_json({"type": name})) for name in self.types)
        file.write_bytes(b"\x01".join(requests))
        return file

    def total(self) -> int:
        answer = self.app.call("nobody", "GET", "/quizzes/q/statistics",
                               headers={"X-App-ID": self.app.app_id})
        return expect_ok(answer)["total"]


def raw_request(method: str, target: str, headers: dict, body=b"") -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


class RawConnection:
    """The least client there is, so that its own time counts little."""

    def __init__(self, port: int):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def exchange(self, request: bytes, count=1) -> bytes:
        """Sends `count` pipelined requests and returns the last answer's head and body."""
        self.socket.sendall(request)
        for _ in range(count):
            answer = self.read_answer()
        return answer

    def read_answer(self) -> bytes:
        data = self.rest
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self.receive()
        head = data[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15:].split(b"\r\n", 1)[0]) if at >= 0 else 0
        while len(data) < end + 4 + length:
            data += self.receive()
        self.rest = data[end + 4 + length:]
        assert data.startswith(b"HTTP/1.1 200"), data[:300]
        return data[:end + 4 + length]

    def receive(self) -> bytes:
        data = self.socket.recv(1 << 20)
        assert data, "the server closed the connection"
        return data

    def close(self):
        self.socket.close()


def read_all_users(app: App, count: int, batch=200):
    """One read of every user, so that each is in the server's memory."""
    token = app.backend_token()
    connection = RawConnection(app.server.port)
    for start in range(0, count, batch):
        requests = [raw_request("GET", f"/bp/server/user/u{number}/bulletin_board",
                                {"X-BytePower-Auth-Token": token, "X-App-Version": "2.0.0"})
                    for number in range(start, min(start + batch, count))]
        connection.exchange(b"".join(requests), len(requests))
    connection.close()


def update_request(app: App, bulletin_: dict) -> bytes:
    return raw_request("PUT", f"{app.console}/bulletin_board",
                       {"Authorization": f"Bearer {app.api_token}"}, compact_json(bulletin_))
