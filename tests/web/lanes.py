#!/usr/bin/python3
"""Time on the page: the slider, lanes, keys, the page's address, play, and calls in flight."""
import unittest

from browser import FDLABD, Keys, main, PageTest


class Time(PageTest):

    def file(self):
        return self.find("#file-text").text

    def blocks(self):
        """The blocks of the lanes: their title, whether they are open, and their ticks' points."""
        return self.driver.execute_script("""
            return [...document.querySelectorAll(".time-call")].map(node => ({
                title: node.querySelector("title").textContent, open: node.dataset.open === "true",
                points: [...node.querySelectorAll("[data-point]")].map(tick => tick.dataset.point)}))""")

    def block(self, name):
        return [block for block in self.blocks() if block["title"].startswith(name + "(")][-1]

    def test_the_slider_shows_the_earlier_machine(self):
        self.open()
        self.type("open /etc/passwd", "dup2 3 10", "close 3")
        self.driver.execute_script("""
            const slider = document.getElementById("time-slider");
            slider.value = 2;
            slider.dispatchEvent(new Event("input", { bubbles: true }))""")
        self.settled(line=2)
        self.until(lambda: self.find("#file-text").get_attribute("data-line") == "2", "the file of line 2")
        self.assertRegex(self.file(), r"(?m)^.\s+3\s.*/etc/passwd")
        self.assertTrue(self.driver.current_url.endswith("#at=2"))
        self.find("[data-time=now]").click()
        self.settled(line=3)
        self.until(lambda: self.find("#file-text").get_attribute("data-line") == "3", "the file of line 3")
        self.assertNotIn("#", self.driver.current_url)

    def test_arrow_keys_step_and_the_address_holds_the_moment(self):
        daemon = self.open()
        self.type("dup 0", "dup 0", "dup 0")
        self.leave()
        self.keys(Keys.ARROW_LEFT)
        self.settled(line=2)
        self.keys(Keys.ARROW_LEFT)
        self.settled(line=1)
        self.keys(Keys.ARROW_RIGHT)
        self.settled(line=2)
        self.assertEqual(self.data("at"), "2")
        self.keys(Keys.HOME)
        self.settled(line=0)
        self.keys(Keys.END)
        self.settled(line=3)
        self.assertEqual(self.data("at"), "now")
        self.open(daemon, "#at=1")
        self.settled(line=1)

    def test_a_call_in_the_past_is_shown_now(self):
        self.open()
        self.type("dup 0", "dup 0")
        self.leave()
        self.keys(Keys.HOME)
        self.settled(line=0)
        self.type("dup 0")
        self.settled(line=3, lines=3)
        self.assertEqual(self.data("at"), "now")

    def test_play_goes_to_the_end(self):
        self.open()
        self.type("dup 0", "dup 0")
        self.leave()
        self.keys(Keys.HOME)
        self.settled(line=0)
        self.keys(" ")
        self.settled(line=2)
        self.until(lambda: self.find("[data-time=play]").get_attribute("aria-label") == "play", "play ends")

    def test_a_call_in_flight_is_open_and_has_a_tick_at_each_point(self):
        self.open()
        self.type('open("/etc/passwd" <unfinished ...>')
        self.assertEqual(self.block("open"), {"title": self.block("open")["title"], "open": True,
                                             "points": ["do_filp_open"]})
        self.type("step")
        self.assertEqual(self.block("open")["points"], ["do_filp_open", "fd_install"])
        self.assertIn("EALREADY", self.type("dup 0"))
        self.type("finish")
        self.assertFalse(self.block("open")["open"])
        self.assertTrue(self.block("open")["title"].endswith("= 3"))

    def test_a_point_that_was_passed_without_a_stop_has_a_shorter_tick(self):
        self.open()
        self.type('open("/etc/passwd" <unfinished at fd_install ...>')
        self.assertEqual(self.block("open")["points"], ["fd_install"])
        passed = lambda: [mark.get_attribute("data-passed") for mark in self.all("[data-passed]")]
        self.until(lambda: passed() == ["do_filp_open"], "the point that was passed")
        self.type("finish")
        self.until(lambda: passed() == [], "the call has ended")

    def test_a_call_that_waits_is_open_until_another_wakes_it(self):
        self.open()
        self.type("pipe", "fork")
        self.assertIn("in flight", self.type("read 3 10"))
        self.assertTrue(self.block("read")["open"])
        self.type("2 write 4 xy")
        self.settled(lines=5)
        self.assertFalse(self.block("read")["open"])

    def test_forks_execs_and_errors_are_marked(self):
        self.open()
        self.type("fork", "close 99", "2 execve /bin/sh")
        for mark in ("fork", "error", "exec"):
            self.assertEqual(len(self.all(f".time-marks .time-{mark}")), 1, mark)

    def test_each_task_has_a_lane_and_of_many_those_with_calls(self):
        daemon = self.machine()
        daemon.post("fork\nclone CLONE_FILES\n")
        self.open(daemon)
        self.assertEqual(self.texts(".time-name"), ["task 1", "task 2", "task 3"])
        self.open(daemon, "#at=0")
        self.leave()
        self.keys("p", Keys.ARROW_RIGHT) # a lane would give the result of fork away
        self.until(lambda: self.find("#predict-guess").is_displayed(), "a guess is asked for")
        self.assertEqual(self.texts(".time-name"), ["task 1"])
        daemon.post("1 fork\n" * 20 + "9 dup 0\n")
        self.open(daemon)
        self.assertEqual(self.texts(".time-name"), ["task 1", "task 9"])

    def test_lanes_keep_their_elements(self):
        self.open()
        self.type("dup 0")
        self.driver.execute_script("window.kept = document.querySelector('.time-call')")
        self.type("dup 0", "dup 0")
        self.assertTrue(self.driver.execute_script(
            "return window.kept === document.querySelector(\".time-call[data-first='1']\")"))

    def test_without_history_there_is_the_present_alone(self):
        self.open(self.machine(*FDLABD, "--foreground", "--no-mount", "--history", "0", "--web", "0"))
        self.type("dup 0", "dup 0")
        self.assertEqual(len(self.blocks()), 2)
        self.assertFalse(self.find("#time-slider").is_enabled())
        self.leave()
        self.keys(Keys.ARROW_LEFT)
        self.settled(line=2)
        self.keys("p")
        self.assertIn("no history", self.replies()[-1])
        self.assertIn("dup(0) = 5", self.type("dup 0"))

    def test_undo_and_redo(self):
        self.open()
        self.type("dup 0", "dup 0")
        self.leave()
        self.keys("u")
        self.until(lambda: "undone" in " ".join(self.replies()) or len(self.blocks()) == 1, "one call is left")
        self.settled()
        self.assertEqual(len(self.blocks()), 1)
        self.keys("U")
        self.until(lambda: len(self.blocks()) == 2, "the call is there again")

    def test_a_long_log_is_shown_in_a_window(self):
        daemon = self.machine()
        daemon.post("dup 0\nclose 3\n" * 1500)
        self.open(daemon)
        self.settled(line=3000)
        self.assertLess(len(self.blocks()), 200)
        self.leave()
        self.keys(Keys.HOME)
        self.settled(line=0)
        self.keys(Keys.PAGE_DOWN)
        self.settled(line=10)


if __name__ == "__main__":
    main()
