#!/usr/bin/python3
"""A scenario with a race on the page: its outcomes, how many orders lead to each, and their witnesses."""
import os
import re

from browser import FDLAB, PageTest, SOURCE, main


class Races(PageTest):

    race = os.path.join(SOURCE, "tests", "litmus", "accept_against_dup2.fdl")

    def test_outcomes_are_listed_and_a_witness_is_played(self):
        daemon = self.machine(FDLAB, "view", "--no-browser", self.race)
        self.open(daemon)
        self.until(lambda: len(self.all(".race-outcome")) >= 3, "the outcomes of the race")
        orders = [int(re.match(r"\d+", text).group()) for text in self.texts(".race-orders")]
        self.assertEqual(orders, sorted(orders, reverse=True))
        refused = [button for button in self.all(".race-outcome") if "EBUSY" in button.text]
        self.assertEqual(len(refused), 1)
        self.assertEqual(self.texts(".race-orders")[-1], f"1 of {sum(orders)}")
        refused[0].click()
        self.until(lambda: self.data("at") == "6", "the witness is played from the race's begin")
        self.assertEqual(self.all("dialog[open]"), [])
        self.until(lambda: self.data("busy") == "false" and self.data("at") == "now", "to its end")
        titles = " ".join(self.texts(".time-call title"))
        self.assertIn("dup2(0, 5) = -1 EBUSY", titles)
        self.assertRegex(titles, r"accept\(3,.*\) = 5")

    def test_calls_that_would_be_lost_are_asked_about(self):
        self.open(self.machine(FDLAB, "view", "--no-browser", self.race))
        self.until(lambda: len(self.all(".race-outcome")) >= 3, "the outcomes of the race")
        self.type("dup 0")
        self.all(".race-outcome")[0].click()
        self.until(lambda: self.all("dialog[open]"), "it is asked")
        self.find("dialog button:not([value=play])").click()
        self.until(lambda: not self.all("dialog[open]"), "the question is gone")
        self.assertIn("dup(0)", " ".join(self.texts(".time-call title")))


if __name__ == "__main__":
    main()
