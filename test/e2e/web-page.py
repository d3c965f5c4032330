#!/usr/bin/env python3
"""The page of `assistant serve`, in headless Chromium, before a server of given answers.

    test/e2e/web-page.py [--pictures FOLDER]      also takes the pictures of the docs
"""
import argparse
import contextlib
import os
import pathlib
import sys

import harness
import mock_server

LONG = """Sorting means to put things **in order**. A few ways:

1. *Insertion sort* takes one item after another and puts it in its place.
2. *Merge sort* sorts both halves and merges them.

| name | time | extra memory |
|---|---:|---:|
| insertion sort | n² | 1 |
| merge sort | n log n | n |

Merge sort in Python:

```python
def merge_sort(items):
    if len(items) < 2:
        return items
    middle = len(items) // 2
    left, right = merge_sort(items[:middle]), merge_sort(items[middle:])
    merged = []
    while left and right:
        merged.append((left if left[0] <= right[0] else right).pop(0))
    return merged + left + right
```

> Equal items stay in their order: it is *stable*.

More of it at <https://en.wikipedia.org/wiki/Merge_sort>, or in [the docs](https://docs.python.org/3/howto/sorting.html).
"""
THOUGHT = "The person asks how sorting works. I compare two simple ways, with their times, and show one in code."
HOSTILE = """<script>window.hit = 1</script><img src=x onerror="window.hit = 2">
[a](javascript:window.hit=3) [b](data:text/html,x) ![p](http://127.0.0.1:9/outside.png) **<b>bold</b>**

```html"><img src=x onerror=window.hit=4>
<script>window.hit = 5</script>
```
| <i>a</i> | b |
|---|---|
| <svg onload=window.hit=6> | c |
"""


class Page:
    def __init__(self, server, size=(1180, 800)):
        from selenium import webdriver

        options = webdriver.ChromeOptions()
        for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage",
                     "--disable-background-networking", f"--window-size={size[0]},{size[1]}"):
            options.add_argument(flag)
        options.binary_location = "/usr/bin/chromium"
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options, webdriver.ChromeService("/usr/bin/chromedriver"))
        self.server = server
        self.driver.get(server.url)

    def js(self, code, *arguments):
        return self.driver.execute_script("return " + code, *arguments)

    def until(self, code, *arguments):
        """Waits until an expression holds; returns whether it came to."""
        from selenium.common.exceptions import TimeoutException
        from selenium.webdriver.support.wait import WebDriverWait

        with contextlib.suppress(TimeoutException):
            return WebDriverWait(self.driver, 20, 0.05).until(lambda _: self.js(code, *arguments))
        return None

    def find(self, selector):
        return self.driver.find_element("css selector", selector)

    def keys(self, selector, *keys):
        self.find(selector).send_keys(*keys)

    def click(self, selector):
        self.js("document.querySelector(arguments[0]).click()", selector)

    def ask(self, text, **answer):
        from selenium.webdriver.common.keys import Keys

        if answer:
            self.server.answers.append(answer)
        self.keys("#question", text, Keys.ENTER)

    def done(self):
        return self.until("!document.querySelector('#send').hidden && document.querySelector('.turn:last-child .tools')")

    def texts(self, selector):
        return self.js("[...document.querySelectorAll(arguments[0])].map(e => e.textContent)", selector)

    def picture(self, folder, name):
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            self.driver.save_screenshot(str(folder / name))


def answers(page, pictures):
    page.picture(pictures, "web-empty.png")
    page.ask("How does sorting work?", reasoning=THOUGHT, content=LONG, pause=0.01)
    harness.check("thoughts show that they go on", page.until("document.querySelector('.thought')?.textContent.includes('Thinking')"))
    harness.check("an answer comes to its end", page.done())
    harness.check("thoughts are folded", page.js("!document.querySelector('.thought').open")
                  and "Thought for" in page.texts(".thought summary")[0], page.texts(".thought summary"))
    harness.check("what was thought is there", page.texts(".thought .inside") == [THOUGHT], page.texts(".thought .inside"))
    harness.check("a table has its cells", page.texts("td") == ["insertion sort", "n²", "1", "merge sort", "n log n", "n"])
    harness.check("a list is one", page.js("document.querySelectorAll('.md ol li').length") == 2)
    harness.check("code keeps its lines", page.texts(".code code")[0].count("\n") == 8 and page.texts(".code .bar span") == ["python"],
                  page.texts(".code"))
    links = page.js("[...document.querySelectorAll('.md a')].map(a => [a.href, a.rel, a.target])")
    harness.check("links lead outside with no reference", len(links) == 2
                  and all(rel == "noopener noreferrer nofollow" and target == "_blank" for _, rel, target in links), links)
    harness.check("tokens are counted", "tokens" in page.texts(".stats")[0], page.texts(".stats"))
    harness.check("the end is told", page.texts("#told") == ["The answer is complete."], page.texts("#told"))
    page.js("(document.querySelector('#scroll').scrollTop = 0)")
    page.picture(pictures, "web-light.png")
    page.click("#theme")
    page.click(".thought summary")
    page.picture(pictures, "web-dark.png")
    harness.check("dark is dark", page.js("getComputedStyle(document.body).backgroundColor") == "rgb(23, 23, 22)")
    page.click("#theme")


def is_safe(page):
    page.ask("Be hostile.", content=HOSTILE)
    page.done()
    harness.check("what a model writes is no markup", page.js("window.hit === undefined")
                  and page.js("document.querySelectorAll('.md script, .md img, .md svg, .md b, .md i').length") == 0)
    hrefs = page.js("[...document.querySelectorAll('.turn:last-child .md a')].map(a => a.href)")
    harness.check("links are of the web only", hrefs == ["http://127.0.0.1:9/outside.png"], hrefs)
    asked = page.js("performance.getEntriesByType('resource').map(e => e.name)")
    harness.check("nobody else is asked", all(url.startswith(page.server.url) for url in asked), asked)
    errors = [entry["message"] for entry in page.driver.get_log("browser") if entry["level"] == "SEVERE"]
    harness.check("the browser has nothing to complain of", not errors, errors)


def survives_markdown(page):
    """Texts that make naive renderers slow, deep or wrong."""
    for name, text in (("marks", "*" * 20_000), ("brackets", "[" * 20_000), ("quotes", "> " * 500 + "x"), ("backticks", "`a" * 5_000),
                       ("lists", "\n".join(" " * (2 * i) + "- x" for i in range(60))), ("rules", "- " * 5_000),
                       ("table", "|" * 5_000 + "\n|---|\n"), ("open fence", "```\nnever closed"), ("links", "[a](http://x " * 3_000)):
        seconds = page.js("import('/markdown.js').then(m => { const begin = performance.now(); const out = document.createElement('div');"
                          " for (const block of m.blocksOf(arguments[0])) out.append(m.renderBlock(block));"
                          " return [(performance.now() - begin) / 1000, out.childNodes.length]; })".replace("arguments[0]", "text")
                          .join(["(text => ", ")(arguments[0])"]), text)
        harness.check(f"markdown: {name} within 3 seconds", seconds[0] < 3 and seconds[1] > 0, seconds)


def is_controlled(page):
    from selenium.webdriver.common.keys import Keys

    page.click("#new")
    page.ask("Go on for ever.", content="word " * 4000, pause=0.01)
    page.until("document.querySelector('.turn:last-child .md').textContent.length > 50")
    harness.check("the button to stop is there", not page.js("document.querySelector('#stop').hidden"))
    page.keys("#question", Keys.ESCAPE)
    harness.check("Esc stops", page.done() and "stopped" in page.texts(".stats")[0], page.texts(".stats"))
    harness.check("the server is told", page.until("true") and wait_for(lambda: page.server.cut == 1))

    page.click(".turn:last-child .tools button[aria-label='Answer once more']")
    harness.check("an answer is given once more", page.until("document.querySelector('.turn:last-child .md').textContent === 'An answer.'")
                  and len(page.server.requests[-1]["messages"]) == 1)
    page.done()
    page.click(".turn.user .tools button[aria-label='Edit and ask again']")
    page.keys(".edit textarea", Keys.CONTROL, "a")
    page.keys(".edit textarea", "Second question", Keys.ENTER)
    page.done()
    harness.check("a question is edited", page.texts(".turn.user .text") == ["Second question"]
                  and page.server.requests[-1]["messages"] == [{"role": "user", "content": "Second question"}])
    page.keys("#question", "one", Keys.SHIFT, Keys.ENTER, Keys.SHIFT, "two")
    harness.check("Shift and Enter begin a line", page.js("document.querySelector('#question').value") == "one\ntwo")
    page.keys("#question", Keys.ENTER)
    page.done()
    sent = [each["content"] for each in page.server.requests[-1]["messages"]]
    harness.check("the whole chat is sent", sent == ["Second question", "An answer.", "one\ntwo"], sent)


def wait_for(holds):
    import time

    for _ in range(200):
        if holds():
            return True
        time.sleep(0.05)
    return False


def has_settings(page, pictures):
    page.click("#settings")
    page.keys("#system", "Answer in one word.")
    page.keys("#temperature", "0.3")
    page.keys("#max_completion_tokens", "64")
    page.js("(document.querySelector('#reasoning_effort').value = 'low')")
    page.picture(pictures, "web-settings.png")
    page.click("#close")
    page.until("!document.querySelector('#dialog').open")
    page.ask("With settings")
    page.done()
    request = page.server.requests[-1]
    harness.check("settings are sent", (request["temperature"], request["max_completion_tokens"], request["reasoning_effort"])
                  == (0.3, 64, "low") and "top_p" not in request, request)
    harness.check("the system prompt stands first", request["messages"][0] == {"role": "system", "content": "Answer in one word."})


def tells_failures(page):
    page.ask("Too long", status=400, message="The prompt has 9000 tokens, but the context has 8192.")
    page.done()
    harness.check("what the server says is shown", page.texts(".failure") == ["The prompt has 9000 tokens, but the context has 8192."])
    page.ask("And again")
    page.done()
    harness.check("a failed answer is not sent", [each["role"] for each in page.server.requests[-1]["messages"]][-2:] == ["user", "user"])
    page.ask("Cut", content="A cut ans", finish="length")
    page.done()
    harness.check("a cut answer says so", "cut at its longest" in page.texts(".stats")[-1])


def keeps_chats(page):
    before = page.texts(".turn.user .text")
    titles = page.texts("#chats .open")
    page.driver.refresh()
    page.until("document.querySelector('.turn')")
    harness.check("chats outlive a reload", page.texts(".turn.user .text") == before and page.texts("#chats .open") == titles, titles)
    page.js("document.querySelectorAll('#chats .open')[1].click()")
    harness.check("another chat is opened", page.texts(".turn.user .text")[0] == "How does sorting work?")
    page.click("#chats li.now .bin")
    harness.check("a chat is deleted", page.texts("#chats .open") == titles[:1] and len(page.js("JSON.parse(localStorage.chats)")) == 1)
    page.js("(localStorage.chats = '[{\"id\":1}, null, 7')")
    page.driver.refresh()
    harness.check("a damaged store is no hindrance", page.until("document.querySelector('#model').textContent !== '…'"))


def is_accessible(page, pictures):
    unnamed = page.js("[...document.querySelectorAll('button, input, select, textarea')].filter(e => "
                      "!(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)).map(e => e.outerHTML)")
    harness.check("everything that is pressed or filled has a name", not unnamed, unnamed)
    page.js("document.activeElement.blur()")
    seen = []
    from selenium.webdriver.common.keys import Keys

    for _ in range(12):
        page.driver.switch_to.active_element.send_keys(Keys.TAB)
        seen.append(page.js("document.activeElement.id || document.activeElement.className"))
    harness.check("the keyboard reaches all", {"new", "theme", "settings", "question"} <= set(seen), seen)
    page.driver.set_window_size(430, 860)
    page.ask("How does sorting work?", reasoning=THOUGHT, content=LONG)
    page.done()
    page.js("(document.querySelector('#scroll').scrollTop = 0)")
    page.picture(pictures, "web-phone.png")
    wide = page.js("document.documentElement.scrollWidth <= innerWidth && document.querySelector('#scroll').scrollWidth <= innerWidth")
    harness.check("a narrow page does not scroll sideways", wide)
    page.click("#menu")
    harness.check("the list of chats opens", page.until("getComputedStyle(document.querySelector('#side')).visibility === 'visible'"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=pathlib.Path)
    arguments = parser.parse_args()
    if not os.path.exists("/usr/bin/chromedriver"):
        print("note: without the package chromium-driver the page is not tested")
        harness.finish()
    server = mock_server.MockServer()
    page = Page(server)
    try:
        page.until("document.querySelector('#model').textContent === 'smollm2-1.7b-instruct'")
        answers(page, arguments.pictures)
        is_safe(page)
        survives_markdown(page)
        is_controlled(page)
        has_settings(page, arguments.pictures)
        tells_failures(page)
        keeps_chats(page)
        is_accessible(page, arguments.pictures)
    finally:
        page.driver.quit()
    harness.finish()


if __name__ == "__main__":
    harness.environment.require("requirements-web.txt")
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    main()
