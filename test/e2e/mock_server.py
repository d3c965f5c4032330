"""A server that answers as `assistant serve` does, with texts that are given: for tests of the page in front of it."""
import http.server
import json
import pathlib
import threading
import time

WEB = pathlib.Path(__file__).resolve().parent.parent.parent / "runtime" / "web"
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".svg": "image/svg+xml"}
# As runtime/web/Web.h has it.
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def send(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/v1/models":
            return self.send(200, "application/json", json.dumps({"data": [{"id": self.server.model}]}).encode())
        file = WEB / ("index.html" if self.path == "/" else self.path.lstrip("/"))
        if file.parent != WEB or file.suffix not in TYPES or not file.exists():
            return self.send(404, "text/plain", b"not found")
        return self.send(200, TYPES[file.suffix], file.read_bytes())

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(request)
        answer = self.server.answers.pop(0) if self.server.answers else {"content": "An answer."}
        if "status" in answer:
            body = json.dumps({"error": {"message": answer["message"]}}).encode()
            return self.send(answer["status"], "application/json", body)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            self.stream(answer)
        except (BrokenPipeError, ConnectionResetError):
            self.server.cut += 1
        self.close_connection = True

    def event(self, event):
        self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        self.wfile.flush()

    def stream(self, answer):
        self.wfile.write(b": reading the prompt\n\n")
        tokens = 0
        for field in ("reasoning", "content"):
            text = answer.get(field, "")
            for at in range(0, len(text), 7):
                self.event({"choices": [{"delta": {field: text[at:at + 7]}}]})
                time.sleep(0.1 if field == "reasoning" else answer.get("pause", 0))
                tokens += 2
        self.event({"choices": [{"delta": {}, "finish_reason": answer.get("finish", "stop")}]})
        self.event({"choices": [], "usage": {"completion_tokens": tokens}})
        self.wfile.write(b"data: [DONE]\n\n")


class MockServer(http.server.ThreadingHTTPServer):
    """`answers` are given in turn: {"reasoning", "content", "finish", "pause" between pieces of the content}, or {"status", "message"}."""

    daemon_threads = True

    def __init__(self, model="smollm2-1.7b-instruct"):
        super().__init__(("127.0.0.1", 0), Handler)
        self.model, self.answers, self.requests, self.asked, self.cut = model, [], [], [], 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"
