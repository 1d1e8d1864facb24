#!/usr/bin/python3
"""The picture on the page: what calls change in it, and the calls that it makes itself."""
import re
import unittest

from browser import ActionChains, Keys, main, PageTest


class Picture(PageTest):

    def key(self, key):
        """The elements of a part of the picture, such as slot:1:3 (a table, a descriptor)."""
        return self.all(f"#picture [data-key='{key}']:not(.line)")

    def card(self, words):
        """The key of the only card that has these words."""
        keys = self.driver.execute_script("""
            return [...document.querySelectorAll("#picture .card")]
                .filter(node => node.textContent.includes(arguments[0])).map(node => node.dataset.key)""", words)
        self.assertEqual(len(keys), 1, f"{words}: {keys}")
        return keys[0]

    def text(self, key):
        return self.driver.execute_script("return arguments[0].textContent", self.key(key)[0])

    def lines(self, kind):
        return self.texts_of(f"#picture .line.{kind}", "node.dataset.key")

    def texts_of(self, selector, what):
        return self.driver.execute_script(
            f"return [...document.querySelectorAll(arguments[0])].map(node => {what})", selector)

    def click(self, selector):
        """Clicks the middle of an element of the SVG, which Selenium takes for hidden at times."""
        ActionChains(self.driver).move_to_element(self.find(selector)).click().perform()

    def test_open_and_close(self):
        self.open()
        self.assertEqual(self.key("slot:1:3"), [])
        self.type("open /etc/passwd")
        self.assertIn("changed", self.key("slot:1:3")[0].get_attribute("class"))
        self.assertIn("count 1", self.file_of(1, 3))
        self.assertIn("= 3", self.find("#top").text)
        self.type("close 3")
        self.assertEqual(self.key("slot:1:3"), [])
        self.assertIn("close(3)", self.find("#top").text)

    def file_of(self, table, fd):
        """The text of the description to which a slot leads."""
        name = re.search(r"file (\d+)", self.text(f"slot:{table}:{fd}")).group(1)
        return self.text(f"file:{name}")

    def test_dup2_makes_a_second_way_to_the_same_description(self):
        self.open()
        self.type("open /etc/passwd", "dup2 3 10")
        self.assertEqual(self.file_of(1, 3), self.file_of(1, 10))
        self.assertIn("count 2", self.file_of(1, 10))
        self.assertEqual(sorted(self.lines("slot")), ["line:slot:1:10", "line:slot:1:3"])

    def test_fork_copies_the_table_and_shares_the_descriptions(self):
        self.open()
        self.type("open /etc/passwd", "fork")
        self.assertTrue(self.key("task:2"))
        self.assertEqual(self.file_of(1, 3), self.file_of(2, 3))
        self.assertIn("count 2", self.file_of(2, 3))

    def test_a_table_that_is_shared_is_drawn_once_with_its_tasks(self):
        self.open()
        self.type("clone CLONE_FILES", "2 open /etc/passwd")
        self.assertEqual(len(self.all("#picture .card[data-key^='table:']")), 1)
        for pid in (1, 2):
            self.assertTrue(self.all(f"#picture .card[data-key='table:1'] [data-key='task:{pid}']"))
        self.assertIn("count 1", self.file_of(1, 3))

    def test_a_pipe_has_its_bytes(self):
        self.open()
        self.type("pipe", "write 4 hello")
        pipe = self.card("pipe")
        self.assertIn("hello", self.text(pipe))
        self.type("read 3 2")
        self.assertIn("llo", self.text(pipe))
        self.assertNotIn("hello", self.text(pipe))

    def test_close_on_exec_is_told_by_a_word(self):
        self.open()
        self.type("open /etc/passwd O_CLOEXEC")
        self.assertIn("cloexec", self.text("slot:1:3"))
        self.type("1 execve /bin/sh")
        self.assertEqual(self.key("slot:1:3"), [])

    def test_the_console_is_folded_until_it_is_asked_for(self):
        self.open()
        self.type("open /etc/passwd")
        self.assertIn("console", self.text("slot:1:0"))
        self.assertEqual(self.key("slot:1:1"), [])

    def test_a_call_in_flight_reserves_a_number_and_is_stepped_and_finished_by_buttons(self):
        self.open()
        self.type('open("/etc/passwd" <unfinished at fd_install ...>')
        self.assertIn("reserved", self.text("slot:1:3"))
        self.assertTrue(self.all("#picture [data-key='slot:1:3'] .hatch"))
        self.click("#picture [data-call='1 finish']")
        self.settled(line=2)
        self.assertIn("file", self.text("slot:1:3"))
        self.type('open("/etc/hosts" <unfinished ...>')
        self.click("#picture [data-call='1 step']")
        self.settled(line=4)
        self.assertIn("reserved", self.text("slot:1:4"))

    def test_a_blocked_call_says_where_it_waits_and_is_interrupted_by_a_button(self):
        self.open()
        self.type("pipe", "read 3 10")
        self.assertIn("pipe_read", self.text("table:1"))
        self.click("#picture [data-call='1 interrupt']")
        self.until(lambda: "EINTR" in " ".join(self.texts(".time-call title")), "the call is interrupted")

    def test_a_deadlock_is_told_by_a_word(self):
        self.open()
        self.type("pipe", "pipe", "fork", "1 close 4", "2 close 6", "1 read 3 1")
        self.assertNotIn("deadlock", self.find("#picture").text)
        self.type("2 read 5 1")
        self.assertIn("deadlock", self.find("#picture").text)

    def test_a_call_that_ends_in_flight_stands_above_as_a_whole(self):
        daemon = self.machine()
        daemon.post('pipe\nfork\n2 read 3 10\n1 write 4 "ab"\n1 dup2(0, 9 <unfinished at filp_close ...>\n1 finish\n')
        for line, words in ((5, '2 read(3, "ab", 10) = 2'), (7, "1 dup2(0, 9) = 9")):
            self.open(daemon, f"#at={line}")
            self.assertIn(words, self.find(".top-now").get_attribute("textContent"))

    def test_an_error_shows_where_it_came_from(self):
        self.open()
        self.type("close 77")
        self.assertIn("EBADF", self.find("#top").text)

    def test_a_click_on_a_slot_dups_or_closes_it_and_on_a_task_forks_it(self):
        self.open()
        self.type("open /etc/passwd")
        for key, call, change in (("slot:1:3", "dup", "slot:1:4"), ("task:1", "fork", "task:2")):
            self.click(f"#picture [data-key='{key}']:not(.line)")
            self.until(lambda: self.all("[role=menuitem]"), "a menu")
            item = [item for item in self.all("[role=menuitem]") if call in item.text][0]
            item.click()
            self.until(lambda change=change: self.key(change), f"{call} makes {change}")
            self.settled()
        self.assertIn("fork() = 2", " ".join(self.texts(".time-call title")))

    def test_by_keyboard_a_slot_is_found_and_dupped(self):
        self.open()
        self.type("open /etc/passwd")
        self.leave()
        self.keys("g")
        focused = lambda: self.driver.execute_script(
            "return document.activeElement.closest('[data-key]')?.dataset.key ?? null")
        for _ in range(12):
            if focused() == "slot:1:3":
                break
            self.keys(Keys.ARROW_DOWN)
        self.assertEqual(focused(), "slot:1:3")
        self.keys(Keys.ENTER)
        self.until(lambda: self.all("[role=menuitem]"), "a menu")
        for _ in self.all("[role=menuitem]"):
            if "dup(3)" in self.driver.switch_to.active_element.text:
                break
            self.keys(Keys.ARROW_DOWN)
        self.keys(Keys.ENTER)
        self.settled(line=2)
        self.assertTrue(self.key("slot:1:4"))

    def test_the_file_of_the_selection(self):
        self.open()
        self.type("open /etc/passwd")
        self.click("#picture [data-key='slot:1:3']:not(.line)")
        self.until(lambda: self.find("#file-path").get_attribute("value") == "1/files/slots", "the file")
        self.until(lambda: len(self.all("#file-text .file-selected")) == 1, "the line of the slot")
        self.assertRegex(self.find("#file-text .file-selected").text, r"^\+?\s*3\s.*/etc/passwd")

    def test_a_machine_of_netbsd(self):
        from browser import FDLABD
        self.open(self.machine(*FDLABD, "--foreground", "--no-mount", "--kernel", "netbsd", "--web", "0"))
        self.type("open /etc/passwd", "fork", "2 dup2 3 10")
        self.assertEqual(self.file_of(1, 3), self.file_of(2, 10))
        self.until(lambda: self.find("#file-text").text, "the file of the table")

    def test_what_a_line_changed_is_marked_from_wherever_it_is_reached(self):
        daemon = self.machine()
        daemon.post("pipe\nwrite 4 hello\ndup 0\n")
        changed = lambda: "changed" in self.find(f"#picture [data-key='{self.card('pipe')}']").get_attribute("class")
        self.open(daemon, "#at=2") # nothing was shown before
        self.assertTrue(changed())
        self.assertRegex(self.find(".top-words").text, r"^changed: .*pipe:\[")
        self.leave()
        self.keys(Keys.END)
        self.settled(line=3)
        self.assertFalse(changed())
        self.assertNotIn("pipe", self.find(".top-words").text)
        self.keys(Keys.ARROW_LEFT) # back from a line that did not change it
        self.settled(line=2)
        self.assertTrue(changed())
        self.keys(Keys.HOME)
        self.settled(line=0)
        self.keys(Keys.PAGE_DOWN, Keys.ARROW_LEFT, Keys.ARROW_LEFT)
        self.settled(line=1)
        self.assertIn("new", self.find(f"#picture [data-key='{self.card('pipe')}']").get_attribute("aria-label"))

    def test_what_does_not_change_stays(self):
        self.open()
        self.type("open /etc/passwd", "fork", "pipe")
        self.driver.execute_script("""
            window.kept = new Map([...document.querySelectorAll("#picture [data-key]")]
                .map(node => [node.dataset.key, node]))""")
        self.type("dup 3")
        self.assertEqual([], self.driver.execute_script("""
            return [...window.kept].filter(([key, node]) => !node.isConnected).map(([key]) => key)"""))


if __name__ == "__main__":
    main()
