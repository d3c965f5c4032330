"""A running `assistant serve` and a plain HTTP client, for the tests of the server."""
import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time

SECONDS = 60  # until a server must be ready, or has ended; machines are busy


class Server:
    """`program serve` on a free port, ended by SIGTERM."""

    def __init__(self, program, *flags):
        command = [str(word) for word in (program, "serve", "--port=0", "--threads=2", *flags)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        text=True)
        self.said = ""
        for line in self.process.stderr:
            self.said += line
            if found := re.search(r"listening on http://(.*):(\d+)", line):
                self.host, self.port = found[1].strip("[]"), int(found[2])
                return
        raise SystemExit(f"the server did not start: {self.said}")

    @property
    def url(self):
        return f"http://{self.host}:{self.port}"

    def stop(self, number=signal.SIGTERM):
        """Ends it; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            code = self.process.wait(SECONDS)
            self.said += self.process.stderr.read()
            return code
        except subprocess.TimeoutExpired:
            self.process.kill()
            return None

    def ask(self, path, body=None, method=None, headers={}, timeout=SECONDS):
        """(status, JSON or text, headers) of one request on a connection of its own."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        data = body if body is None or isinstance(body, (str, bytes)) else json.dumps(body)
        connection.request(method or ("GET" if body is None else "POST"), path, data, headers)
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
        connection.close()
        with contextlib.suppress(ValueError):
            return response.status, json.loads(text), response.headers
        return response.status, text, response.headers

    def error(self, path, body, **options):
        """(status, the wrong field, the message) of a request that is refused."""
        status, answer, _ = self.ask(path, body, **options)
        found = answer.get("error", {}) if isinstance(answer, dict) else {}
        return status, found.get("param"), found.get("message", "")

    def events(self, path, body):
        """The data of each server-sent event of a streamed answer, [DONE] left out."""
        status, text, _ = self.ask(path, {**body, "stream": True})
        lines = [line[6:] for line in text.split("\n") if line.startswith("data: ")] if isinstance(text, str) else []
        return [json.loads(line) for line in lines if line != "[DONE]"] if status == 200 else [text]

    def raw(self, data, wait=5.0):
        """What comes back for these bytes, until the server closes or says nothing for some seconds."""
        with socket.create_connection((self.host, self.port), timeout=wait) as connection:
            with contextlib.suppress(OSError):
                connection.sendall(data)
            answer = b""
            with contextlib.suppress(OSError):
                while part := connection.recv(65536):
                    answer += part
        return answer

    def metric(self, name):
        text = self.ask("/metrics")[1]
        return float(re.search(rf"^osscc_{name} (.*)$", text, re.MULTILINE)[1])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def until(self, name, value):
        """Whether a metric comes to a value."""
        end = time.monotonic() + SECONDS
        while (found := self.metric(name)) != value and time.monotonic() < end:
            time.sleep(0.05)
        return found == value


def user(text):
    return [{"role": "user", "content": text}]
