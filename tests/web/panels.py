#!/usr/bin/python3
"""The page's panels: the prompt, predictions, links that carry a machine, the file of the selection, and
what two pages see of one machine."""
import base64
import os
import re
import unittest
import zlib

from browser import Keys, main, PageTest, SOURCE


class Prompt(PageTest):

    def test_a_reply_is_the_call_in_full_with_its_result(self):
        self.open()
        self.assertIn('open("/etc/passwd", O_RDONLY) = 3', self.type("open /etc/passwd"))
        self.assertIn("close(99) = -1 EBADF (Bad file descriptor)", self.type("close 99"))
        self.assertEqual(self.find("#prompt-replies li:last-child").get_attribute("class"), "prompt-error")

    def test_a_line_that_is_no_call_is_explained(self):
        self.open()
        self.assertIn('there is no call "frob"', self.type("frob 3"))
        self.assertEqual(self.data("lines"), "0")

    def test_history_by_arrow_keys(self):
        self.open()
        self.type("dup 0", "dup 1")
        field = self.find("#prompt-input")
        value = lambda: field.get_attribute("value")
        field.send_keys("du", Keys.ARROW_UP)
        self.assertEqual(value(), "dup 1")
        field.send_keys(Keys.ARROW_UP)
        self.assertEqual(value(), "dup 0")
        field.send_keys(Keys.ARROW_UP)
        self.assertEqual(value(), "dup 0")
        field.send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
        self.assertEqual(value(), "du")

    def test_tab_completes_calls_flags_and_points(self):
        self.open()
        field = self.find("#prompt-input")
        value = lambda: field.get_attribute("value")
        for begin, end in (("soc", "socket"), ("open /x O_CLO", "open /x O_CLOEXEC"),
                           ("step fd_ins", "step fd_install")):
            self.until(lambda begin=begin: self.complete(field, begin), f"choices for {begin}")
            self.assertEqual(self.texts("#prompt-choices li b")[0], end.split(" ")[-1])
            field.send_keys(Keys.TAB)
            self.assertEqual(value(), end)
        field.clear()
        field.send_keys("dup2 ")
        self.assertIn("dup2(", self.find("#prompt-help").text)

    def test_tab_completes_the_calls_of_another_kernel(self):
        self.open()
        field = self.find("#prompt-input")
        self.until(lambda: self.complete(field, "epoll_c"), "choices for epoll_c")
        field.clear()
        self.type("reset kernel=netbsd")
        self.until(lambda: self.complete(field, "closef"), "choices for closef")
        self.assertEqual(self.texts("#prompt-choices li b"), ["closefrom"])
        self.assertFalse(self.complete(field, "epoll_c"))

    def complete(self, field, text):
        field.clear()
        field.send_keys(text)
        return self.find("#prompt-choices").is_displayed()

    def test_the_task_is_chosen(self):
        from selenium.webdriver.support.ui import Select
        self.open()
        self.type("fork")
        Select(self.find("#prompt-task")).select_by_value("2")
        self.assertIn("2 dup(0) = 3", self.type("dup 0"))
        self.assertIn("1 close(2) = 0", self.type("1 close 2"))

    def test_the_text_of_a_reply_is_no_markup(self):
        self.open()
        self.type('write 1 "<img src=x onerror=alert(1)>"')
        self.assertEqual(self.all("#prompt img, #top img, #time img"), [])


class Pages(PageTest):

    def test_two_pages_see_the_same(self):
        daemon = self.open()
        first = self.driver.current_window_handle
        self.driver.switch_to.new_window("tab")
        second = self.driver.current_window_handle
        self.open(daemon)
        self.type("open /etc/passwd")
        self.driver.switch_to.window(first)
        self.settled(line=1, lines=1)
        self.type("dup2 3 10")
        self.driver.switch_to.window(second)
        self.settled(line=2, lines=2)
        self.type("undo")
        self.driver.switch_to.window(first)
        self.until(lambda: len(self.all(".time-call")) == 1, "the other page takes the line back")
        daemon.post("reset\n")
        self.settled(line=0, lines=0)

    def test_a_daemon_that_ends_is_told(self):
        self.expected_complaints = ("ERR_", "Failed to load")
        daemon = self.open()
        daemon.process.terminate()
        daemon.process.wait()
        self.until(lambda: self.data("connected") == "false", "the page tells that the daemon is gone")


class Predict(PageTest):

    def guess(self, text):
        self.until(lambda: self.find("#predict-guess").is_displayed(), "a guess is asked for")
        self.find("#predict-guess").send_keys(text, Keys.ENTER)
        self.settled()
        return self.find(".predict-verdict").text

    def test_a_result_is_hidden_until_it_is_guessed(self):
        self.open()
        self.leave()
        self.keys("p")
        before = self.count_replies()
        self.find("#prompt-input").send_keys("open /etc/passwd", Keys.ENTER)
        self.until(lambda: self.find("#predict-guess").is_displayed(), "a guess is asked for")
        self.settled(line=0, lines=1)
        self.assertEqual(self.count_replies(), before)
        self.assertNotIn("= 3", self.find("body").text)
        self.assertIn("right", self.guess("3"))
        self.assertEqual(self.data("line"), "1")
        self.assertIn("O_RDONLY) = 3", self.replies()[-1])

    def test_an_error_is_guessed_by_name_and_what_is_wrong_is_told(self):
        daemon = self.machine()
        daemon.post("close 99\npipe\nread 3 10\n")
        self.open(daemon, "#at=0")
        self.find("#predict-switch").click()
        self.leave()
        self.keys(Keys.ARROW_RIGHT)
        self.assertIn("right", self.guess("EBADF"))
        self.leave()
        self.keys(Keys.ARROW_RIGHT)
        self.until(lambda: "pipe(?)" in self.find(".predict-call").text, "what pipe fills in is hidden")
        self.assertIn("you guessed 3", self.guess("3"))
        self.leave()
        self.keys(Keys.ARROW_RIGHT)
        self.assertIn("(2 of 3)", self.guess("waits"))
        self.settled(line=3)


class Links(PageTest):

    def test_a_link_carries_a_machine(self):
        self.open()
        self.type("open /etc/passwd", "fork", "2 pipe", "2 read 4 10", "1 close 77", "dup2 3 10")
        self.leave()
        self.keys(Keys.ARROW_LEFT)
        self.settled(line=5)
        log = self.texts(".time-call title")
        self.keys("l")
        link = self.find(".share-link").get_attribute("value")
        self.keys(Keys.ESCAPE)
        self.assertNotIn("token", link)
        other = self.open(fragment=link[link.index("#"):])
        self.until(lambda: self.all("dialog[open]"), "the page asks")
        self.assertEqual(self.data("lines"), "0")
        self.find("dialog button[value=play]").click()
        self.settled(line=5, lines=6)
        self.assertEqual(self.texts(".time-call title"), log)
        self.assertNotIn("log=", self.driver.current_url)
        self.open(other)
        self.settled(line=6)

    def test_a_link_is_not_played_unless_it_was_agreed_to(self):
        self.open()
        self.type("dup 0")
        self.leave()
        self.keys("l")
        link = self.find(".share-link").get_attribute("value")
        self.keys(Keys.ESCAPE)
        daemon = self.machine()
        daemon.post("pipe\n")
        self.open(daemon, link[link.index("#"):])
        self.until(lambda: self.all("dialog[open]"), "the page asks")
        self.assertIn("lost", self.find("dialog").text)
        self.keys(Keys.ESCAPE)
        self.until(lambda: not self.all("dialog[open]"), "the dialog is gone")
        self.assertIn("pipe(", self.texts(".time-call title")[0])

    def test_a_link_that_is_none_is_told(self):
        for log in ("%00nonsense", "AAAA", ""):
            self.open(fragment=f"#log={log}")
            self.until(lambda: self.all("dialog[open]"), "the page tells")
            self.assertIn("no machine", self.find("dialog").text)
            self.assertIn("damaged", self.find("dialog").text)

    def test_lines_of_a_link_that_come_out_otherwise_are_told(self):
        packer = zlib.compressobj(wbits=-15)
        data = packer.compress(b'1 dup(0) = 77\n1 frob()\n1 write(1, "' + b"x" * 70000 + b'", 70000)\n') + packer.flush()
        self.open(fragment="#log=" + base64.urlsafe_b64encode(data).decode().rstrip("="))
        self.until(lambda: self.all("dialog[open]"), "the page asks")
        self.find("dialog button[value=play]").click()
        self.until(lambda: "came out otherwise" in self.find("dialog").text, "the page tells")
        for words in ("1 dup(0) = 3  # expected 77", 'there is no call "frob"', "the line is too long"):
            self.assertIn(words, self.find("dialog").text)
        self.keys(Keys.ESCAPE)


class File(PageTest):

    def test_what_the_last_call_changed_is_marked(self):
        self.open()
        self.type("open /etc/passwd", "dup2 3 10")
        self.until(lambda: self.find("#file-text").get_attribute("data-line") == "2", "the file of line 2")
        self.assertEqual(self.find("#file-path").get_attribute("value"), "1/files/fdtable")
        added = self.texts("#file-text ins")
        self.assertTrue(any("10" in line and "/etc/passwd" in line for line in added), added)

    def test_any_file_of_the_tree_can_be_read(self):
        self.open()
        field = self.find("#file-path")
        field.clear()
        field.send_keys("1/status", Keys.ENTER)
        self.until(lambda: "FDSize:" in self.find("#file-text").text, "the status")
        field.clear()
        field.send_keys("1/nothing", Keys.ENTER)
        self.until(lambda: "1/nothing" in self.find(".file-note").text, "why there is none")

    expected_complaints = ("1/nothing",)


class KeysOfThePage(PageTest):

    def test_the_help_names_them(self):
        self.open()
        self.leave()
        self.keys("?")
        self.assertIn("the prompt", self.find("dialog").text)
        self.keys(Keys.ESCAPE)
        self.until(lambda: not self.all("dialog[open]"), "the help is gone")
        self.keys("/")
        self.assertEqual(self.driver.switch_to.active_element.get_attribute("id"), "prompt-input")

    def test_the_manual_page_has_the_keys_of_the_help(self):
        """The help's keys, and the words that fdlab-page(7) has for those that are signs."""
        words = {"\u2190": "left", "\u2192": "right", "\u2191": "up", "\u2193": "down", "\u2212": "-"}
        with open(os.path.join(SOURCE, "man", "fdlab-page.7"), encoding="utf-8") as page:
            keys = page.read().split(".Ss Keys")[1].split(".Sh")[0].replace("\\&", "").replace("\\-", "-")
        self.open()
        self.leave()
        self.keys("?")
        shown = [key for text in self.texts(".keys kbd")
                 for key in ([text] if text.startswith("page ") else text.split(" "))]
        self.assertGreater(len(shown), 15)
        missing = [key for key in shown
                   if not re.search(r"(?m)^\.(It )?Sy .*(?<!\S)" + re.escape(words.get(key, key)) + r"(?!\S)", keys)]
        self.assertEqual(missing, [])

    def test_everything_has_a_name(self):
        """No button, field or picture without a name for screen readers."""
        self.open()
        self.type("fork", "pipe")
        nameless = self.driver.execute_script("""
            return [...document.querySelectorAll("button, input, select, [role=img], [role=button], [tabindex]")]
                .filter(node => !(node.getAttribute("aria-label") || node.getAttribute("aria-labelledby")
                    || node.labels?.length || node.textContent.trim() || node.title))
                .map(node => node.outerHTML.slice(0, 120))""")
        self.assertEqual(nameless, [])


if __name__ == "__main__":
    main()
