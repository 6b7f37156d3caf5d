"""A review server under a thousand requests that no page of ours would make."""
import pathlib
import re
import socket
import time
import urllib.parse

from . import tree

KIND = "request"
COUNT = 1000
MEGABYTES = 300
PATHS = """/ /api/worklist /api/slide /api/top /api/values /api/decision /thumbnail /tile /patch /overlay /uncovered
/export/decisions.csv /export/marks.geojson""".split()
KEYS = "slide model view level x y side size fold map scale reader token colours smooth k row column".split()
VALUES = [
    "", "sample_001", "acmil", "0", "-1", "0.5", "1e999", "NaN", "99999999999999999999", "9223372036854775807",
    "-9223372036854775808", "../../../etc/passwd", "%2e%2e%2fetc%2fpasswd", "%00", "%ff%fe", "%F0%9F%94%AC", "A" * 6000,
    "<script>alert(1)</script>", "'; DROP TABLE slides;--", "[]", "true",
]
# What a server may say of a bad request: 5xx would be a fault of its own, but for no such method, too many, no such version.
STATUS = re.compile(rb"HTTP/1\.[01] ([1-4]\d\d|501|503|505) ")


def cases(draws, material):
    while True:
        yield draws


def run(draws, material, ledger):
    program, job = material.program, material.program.work / "job"
    tree.copy(material.drawn, job)
    running = program.start(["review", job, "--port", "0"])
    try:
        address = listening(running)
        if address is None:
            ended = running.end(1)
            return ledger.tell(KIND, "the server begins", ["it printed no address"], ended)
        wrong = bombard(draws, address, running)
    finally:
        if running.wait(0) is None:
            running.process.terminate()
    ended = running.end()
    wrong += ended.faults({143})
    wrong += [f"changed: {line}" for line in tree.differences(tree.contents(job), tree.contents(material.drawn))]
    ledger.tell(KIND, f"{COUNT} bad requests: each is answered, a good one still works", wrong, ended)


def listening(running):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and running.wait(0) is None:
        found = re.search(rb"http://([\d.]+):(\d+)/\?token=(\S+)", (running.folder / "stdout").read_bytes())
        if found:
            return found[1].decode(), int(found[2]), found[3].decode()
        time.sleep(0.05)
    return None


def bombard(draws, address, running):
    host, port, token = address
    wrong = []
    for number in range(COUNT):
        request, must_answer = bad(draws, host, port, token)
        answer = asked(host, port, request)
        if answer is None:
            return wrong + [f"no connection after {number} requests"]
        if (must_answer or answer.startswith(b"HTTP/")) and not STATUS.match(answer):
            wrong.append(f"{request[:120]!r} got {answer[:60]!r}")
        if len(wrong) > 8:
            break
    good = asked(host, port, message("GET", f"/api/worklist?token={token}", host, port))
    if not good or not good.startswith(b"HTTP/1.1 200"):
        wrong.append(f"a good request got {good and good[:60]!r}")
    status = pathlib.Path(f"/proc/{running.pid}/status").read_text() if running.wait(0) is None else ""
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    if not peak:
        wrong.append("the server is gone")
    elif int(peak[1]) * 1024 > MEGABYTES * 1e6:
        wrong.append(f"it used {int(peak[1]) // 1000} MB")
    return wrong


def asked(host, port, request):
    """The beginning of the answer; empty where the server just closed; None where nobody listens."""
    try:
        with socket.create_connection((host, port), timeout=20) as connection:
            connection.settimeout(20)
            try:
                connection.sendall(request)
                connection.shutdown(socket.SHUT_WR)
                return connection.recv(65536)
            except OSError as error:
                # A server may end a connection before it has read all of a bad request.
                return b"" if not isinstance(error, socket.timeout) else b"timed out"
    except OSError:
        return None


def message(method, target, host, port, headers=(), body=b""):
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}:{port}", "Connection: close", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body


def bad(draws, host, port, token):
    """A request, and whether it is HTTP so far that a status must come back."""
    kind = draws.choice(["query"] * 4 + ["decision"] * 2 + ["path", "method", "header", "large", "noise", "half"])
    query = "&".join(f"{key}={draws.choice(VALUES)}" for key in draws.sample(KEYS, draws.randrange(6)) if key != "token")
    known = f"token={token}" if draws.random() < 0.9 else f"token={draws.choice(VALUES)}"
    target = f"{draws.choice(PATHS)}?{known}&{query}".replace(" ", "%20").replace("<", "%3C")
    if kind == "query":
        return message("GET", target, host, port), True
    if kind == "path":
        paths = ["/../../etc/passwd", "//", "/%2e%2e/%2e%2e/etc/passwd", "/leaflet/../../x", "/api/", "/" + "a" * 5000]
        path = draws.choice([*paths, "/%zz", "/%00"])
        return message("GET", f"{path}?{known}", host, port), True
    if kind == "method":
        method = draws.choice(["PUT", "DELETE", "OPTIONS", "TRACE", "HEAD", "PATCH", "BREW", "POST"])
        return message(method, target, host, port), True
    if kind == "decision":
        text = draws.choice(VALUES)
        some = ['{"slide":"%s"}' % text, '{"slide":"sample_001","model":"acmil","reader":"%s"}' % text]
        body = draws.choice(["{}", "[]", "null", "", "{", *some, "[" * 5000, '"' + "x" * 100000])
        kinds = ["Content-Type: application/json", "Content-Type: text/plain", "Origin: http://evil.example"]
        headers = [draws.choice(kinds)]
        return message("POST", f"/api/decision?{known}", host, port, headers, body.encode("latin-1", "replace")), True
    if kind == "header":
        name = draws.choice(["X" * 20000, "Cookie", "Range", "Content-Length", "Transfer-Encoding", "Expect", "Upgrade"])
        value = draws.choice(["-1", "x" * 9000, "chunked", "100-continue", "bytes=5-1", "h2c"])
        return message("GET", target, host, port, [f"{name}: {value}"]), False
    if kind == "large":
        body = bytes(draws.choice([70_000, 3_000_000]))
        return message("POST", f"/api/decision?{known}", host, port, ["Content-Type: application/json"], body), False
    if kind == "noise":
        return draws.randbytes(draws.choice([1, 100, 5000])), False
    return message("GET", urllib.parse.quote(target), host, port)[: draws.randrange(1, 40)], False
