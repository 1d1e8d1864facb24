#!/usr/bin/python3
"""Whether the page can be read: contrast, small windows as of a page at 200 per cent, paper, tall pictures, and
what is marked as changed."""
import re

from browser import PageTest, main

TEXT = 4.5 # the contrast of text that WCAG 2 asks for at level AA
EDGE = 3.0 # that of borders and lines which tell something
TEXTS = ("ink paper", "ink panel", "ink now", "ink new", "ink changed-paper", "ink table", "ink object", "dim paper",
         "dim panel", "dim table", "dim file", "dim object", "dim now", "dim new", "dim changed-paper", "accent paper",
         "accent panel", "accent table", "bad paper", "bad panel", "bad table", "good paper", "good panel",
         "paper accent", "paper bad", "paper table-ink", "table-ink table", "table-ink paper", "file-ink file",
         "object-ink object")
EDGES = ("edge paper", "edge panel", "line paper", "table-line paper", "table-line table", "file-line paper",
         "file-line file", "object-line paper", "object-line object", "accent table", "changed paper",
         "changed table", "changed changed-paper")
AREAS = ("#head", "#tools", "#picture", "#file", "#prompt", "#time")
FLIGHT = """\
clone CLONE_FILES
2 openat(AT_FDCWD, "/etc/hosts", O_RDONLY <unfinished at fd_install ...>
1 dup2 0 200
"""


def luminance(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    return sum(weight * (part / 12.92 if part <= .04045 else ((part + .055) / 1.055) ** 2.4)
               for weight, part in zip((.2126, .7152, .0722), parts))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + .05) / (low + .05)


class Readable(PageTest):

    def size(self, width, height):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        self.settled()

    def tearDown(self):
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": [
            {"name": "prefers-reduced-motion", "value": "reduce"}]})
        super().tearDown()

    def colour(self, name):
        return self.driver.execute_script(
            "return getComputedStyle(document.documentElement).getPropertyValue(arguments[0]).trim()", f"--{name}")

    def test_contrast(self):
        self.open()
        for scheme in ("light", "dark"):
            self.media(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
            low = [f"{pair}: {ratio:.2f}" for pairs, least in ((TEXTS, TEXT), (EDGES, EDGE)) for pair in pairs
                   if (ratio := contrast(*map(self.colour, pair.split()))) < least]
            self.assertEqual(low, [], scheme)

    def boxes(self):
        return self.driver.execute_script("""
            return arguments[0].map(selector => {
                const box = document.querySelector(selector).getBoundingClientRect();
                return [selector, box.left, box.top, box.right, box.bottom];
            })""", AREAS)

    def test_small_windows_are_scrolled_and_nothing_overlaps(self):
        daemon = self.machine()
        daemon.post(FLIGHT)
        self.open(daemon)
        for width, height in ((640, 400), (427, 320), (1280, 400)):
            self.size(width, height)
            boxes = self.boxes()
            for i, (one, left, top, right, bottom) in enumerate(boxes):
                self.assertGreater(bottom - top, 25, (one, width))
                self.assertLessEqual(right, width + 1, (one, width))
                for other, other_left, other_top, other_right, other_bottom in boxes[i + 1:]:
                    apart = (right <= other_left + 1 or other_right <= left + 1 or bottom <= other_top + 1
                             or other_bottom <= top + 1)
                    self.assertTrue(apart, f"{one} and {other} overlap at {width} by {height}")
            picture = boxes[AREAS.index("#picture")]
            self.assertGreater(picture[4] - picture[2], 200, width)

    def test_on_paper_stands_the_picture(self):
        daemon = self.machine()
        daemon.post(FLIGHT)
        self.open(daemon)
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        for selector in ("#tools", "#side", ".time-bar"):
            self.assertFalse(self.find(selector).is_displayed(), selector)
        self.assertTrue(self.find("#top").is_displayed())
        room, height = self.driver.execute_script("""
            const svg = document.querySelector("#picture svg").getBoundingClientRect();
            return [document.querySelector("#picture").getBoundingClientRect().height, svg.height]""")
        self.assertGreaterEqual(room + 1, height)

    def test_a_picture_that_is_scrolled_is_not_small_as_well(self):
        daemon = self.machine()
        daemon.post("open /etc/passwd\npipe\n" + "1 fork\n" * 24)
        self.open(daemon)
        self.size(1280, 800)
        scale = self.driver.execute_script("""
            const svg = document.querySelector("#picture svg");
            return svg.width.baseVal.value / svg.viewBox.baseVal.width""")
        self.assertGreater(scale, .9)

    def test_a_reserved_slot_that_did_not_change_is_not_marked(self):
        daemon = self.machine()
        daemon.post(FLIGHT)
        self.open(daemon)
        fills = lambda key: self.driver.execute_script("""
            return [...document.querySelectorAll(`#picture [data-key="${arguments[0]}"] > rect`)]
                .map(node => getComputedStyle(node).fill)""", key)
        paper = self.driver.execute_script("return getComputedStyle(document.querySelector('.pic .pill')).fill")
        self.assertIn("patch", self.driver.page_source)
        self.assertEqual(set(fills("slot:1:3")) - {'url("#hatch")'}, {paper})
        self.assertNotEqual(set(fills("slot:1:200")), {paper})

    def test_the_column_of_a_mistake_is_that_of_what_was_typed(self):
        self.open()
        self.assertRegex(self.type("frob 3"), r'^column 1: there is no call "frob"')
        self.assertRegex(self.type("1 frob 3"), r'^column 3: there is no call "frob"')

    def test_a_deadlock_of_many_names_them_in_order(self):
        daemon = self.machine()
        daemon.post("pipe\n" * 3 + "1 fork\n1 fork\n1 close 4\n1 close 6\n2 close 6\n2 close 8\n3 close 8\n3 close 4\n"
                    "3 read 3 1\n1 read 5 1\n2 read 7 1\n")
        self.open(daemon)
        words = self.find(".top-dead").text
        self.assertTrue(re.search(r"deadlock: tasks 1, 2 and 3 wait for ever", words), words)
        self.assertIn("deadlock: waits for", self.find("#picture").text)


if __name__ == "__main__":
    main()
