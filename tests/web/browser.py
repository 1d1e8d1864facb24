"""A machine's page in a real browser: starts daemons and one headless Chromium, and waits for what the
page's store says of itself (data-busy, data-line and data-at of <html>), never for a time.

Tests are skipped with status 77 where Chromium, its driver or python3-selenium is missing, except in CI.
"""
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from urllib.parse import urlsplit, urlunsplit

CI = bool(os.environ.get("CI")) or os.environ.get("FDLAB_REQUIRE_FUSE") == "1"
SOURCE = os.environ.get("FDLAB_SOURCE", os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("FDLAB_BUILD", os.path.join(SOURCE, "build"))
FDLABD = shlex.split(os.environ.get("FDLABD", os.path.join(BUILD, "fdlabd")))
FDLAB = os.environ.get("FDLAB", os.path.join(BUILD, "fdlab"))
PATIENCE = 20 # seconds until a condition of the page counts as failed


def leave_if_something_is_missing():
    """Ends the program, as skipped, or in CI as failed, where there is no browser."""
    missing = [program for program in ("chromium", "chromedriver") if not shutil.which(program)]
    if not importlib.util.find_spec("selenium"):
        missing.append("python3-selenium")
    if missing:
        print(f"{'failed' if CI else 'skipped'}: there is no {' and no '.join(missing)} here")
        sys.exit(1 if CI else 77)


leave_if_something_is_missing()

from selenium import webdriver # noqa: E402 (where there is none, the tests are skipped)
from selenium.common.exceptions import StaleElementReferenceException, TimeoutException # noqa: E402
from selenium.webdriver.chrome.service import Service # noqa: E402
from selenium.webdriver.common.action_chains import ActionChains # noqa: E402
from selenium.webdriver.common.by import By # noqa: E402
from selenium.webdriver.common.keys import Keys # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait # noqa: E402


class Daemon:
    """fdlabd --no-mount --web, or another command that prints the page's URL in a line of its own."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command or [*FDLABD, "--foreground", "--no-mount", "--web", "0"],
                                        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        self.url = ""
        for line in self.process.stdout:
            if line.startswith("http://"):
                self.url = line.strip()
                break
        assert self.url, "the daemon printed no URL"

    def post(self, lines):
        """Runs lines as another client would, and returns the replies as text."""
        parts = urlsplit(self.url)
        url = urlunsplit((parts.scheme, parts.netloc, "/calls", parts.query, ""))
        with urllib.request.urlopen(url, data=lines.encode(), timeout=PATIENCE) as answer:
            return answer.read().decode()

    def stop(self):
        """The daemon ends at the signal, even while a client reads from it."""
        self.process.terminate()
        self.process.stdout.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


def start_browser():
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
                     "--window-size=1280,800", "--hide-scrollbars", "--force-color-profile=srgb",
                     "--disable-extensions", "--no-first-run", "--disable-background-networking"):
        options.add_argument(argument)
    options.binary_location = shutil.which("chromium")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
    driver.set_script_timeout(2 * PATIENCE)
    return driver


class PageTest(unittest.TestCase):
    """Each test has a machine of its own; all share one browser. A complaint of the browser fails the test."""

    driver = None
    expected_complaints = () # parts of messages of the browser that a test is about

    @classmethod
    def setUpClass(cls):
        cls.driver = start_browser()
        # animations would have to be waited for
        cls.media(prefers_reduced_motion="reduce")

    @classmethod
    def tearDownClass(cls):
        cls.driver.quit()

    def setUp(self):
        self.daemons = []
        self.driver.get_log("browser")

    def tearDown(self):
        for handle in self.driver.window_handles[1:]:
            self.driver.switch_to.window(handle)
            self.driver.close()
        self.driver.switch_to.window(self.driver.window_handles[0])
        complaints = [entry["message"] for entry in self.driver.get_log("browser")
                      if entry["level"] == "SEVERE"
                      and not any(part in entry["message"] for part in self.expected_complaints)]
        self.driver.get("about:blank")
        for daemon in self.daemons:
            daemon.stop()
        self.assertEqual(complaints, [])

    # ---- machines and pages ----

    def machine(self, *command):
        daemon = Daemon(*command)
        self.daemons.append(daemon)
        return daemon

    def open(self, daemon=None, fragment=""):
        """Opens a machine's page, by default that of a new machine, and waits until it stands."""
        daemon = daemon or self.machine()
        self.driver.get("about:blank")
        self.driver.get(daemon.url + fragment)
        self.settled()
        return daemon

    @classmethod
    def media(cls, **features):
        cls.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": name.replace("_", "-"), "value": value} for name, value in features.items()]})

    # ---- what the page says ----

    def data(self, name):
        return self.driver.execute_script("return document.documentElement.dataset[arguments[0]]", name)

    def until(self, condition, what):
        try:
            return WebDriverWait(self.driver, PATIENCE, 0.02,
                                 (StaleElementReferenceException,)).until(lambda _: condition())
        except TimeoutException:
            return self.fail(f"it did not come about: {what}; data: "
                             + str(self.driver.execute_script("return {...document.documentElement.dataset}")))

    def settled(self, line=None, lines=None, replies=None):
        """No answer is missing; line is shown; the log has so many lines; there are so many replies. The
        page waits, which costs less than to ask it again and again, and a frame more, in which it draws."""
        wish = {"line": line, "lines": lines, "replies": replies}
        state = self.driver.execute_async_script("""
            const [wish, patience, done] = arguments, data = document.documentElement.dataset;
            const end = performance.now() + 1000 * patience;
            const frame = then => requestAnimationFrame(() => requestAnimationFrame(then));
            const replies = () => document.querySelectorAll("#prompt-replies li").length;
            const fits = (name, value) => wish[name] === null || String(wish[name]) === value;
            const look = () => {
                if (data.busy === "false" && data.line && fits("line", data.line) && fits("lines", data.lines)
                        && (wish.replies === null || replies() >= wish.replies))
                    frame(() => done(null));
                else if (performance.now() > end)
                    done({ ...data, replies: replies() });
                else
                    setTimeout(look, 5);
            };
            look();""", wish, PATIENCE)
        if state:
            self.fail(f"the page did not come to {wish}; it is at {state}")

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def texts(self, selector):
        return self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map(node => node.textContent)", selector)

    # ---- what a user does ----

    def keys(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def leave(self):
        """Takes the focus out of every field, so that keys are the page's."""
        self.driver.execute_script("document.activeElement?.blur()")

    def type(self, *lines):
        """Types lines into the prompt; returns the reply to the last."""
        for line in lines:
            before = self.count_replies()
            self.find("#prompt-input").send_keys(line, Keys.ENTER)
            self.settled(replies=before + 1)
        return self.replies()[-1]

    def replies(self):
        return self.texts("#prompt-replies li")

    def count_replies(self):
        return self.driver.execute_script("return document.querySelectorAll('#prompt-replies li').length")


def main():
    unittest.main(verbosity=2)


def scratch(name):
    """A folder of the build for what a test leaves to be looked at."""
    folder = os.path.join(BUILD, name) if os.path.isdir(BUILD) else tempfile.mkdtemp()
    os.makedirs(folder, exist_ok=True)
    return folder
