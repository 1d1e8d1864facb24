#!/usr/bin/python3
"""Pictures of the page at three sizes, light and dark, to be looked at: the run says where they
are. Tests that one screen of 1280 by 800 holds a machine of three tasks without scrolling."""
import os

from browser import PageTest, main, scratch

SIZES = ((1280, 800), (1920, 1080), (800, 1000))
MACHINE = """\
open /etc/passwd
dup2 3 10
pipe
fork
1 write 5 hello
clone CLONE_FILES
2 openat(AT_FDCWD, "/etc/hosts", O_RDONLY|O_CLOEXEC) = 6
2 fcntl 3 F_SETFD FD_CLOEXEC
3 openat(AT_FDCWD, "/etc/hosts", O_RDONLY <unfinished at fd_install ...>
1 close 77
2 close 5
"""


class Screenshots(PageTest):

    def size(self, width, height):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        self.settled()

    def tearDown(self):
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        super().tearDown()

    def test_three_sizes_light_and_dark(self):
        folder = scratch("screenshots")
        daemon = self.machine()
        daemon.post(MACHINE)
        for width, height in SIZES:
            for scheme in ("light", "dark"):
                self.media(prefers_color_scheme=scheme, prefers_reduced_motion="reduce")
                self.open(daemon)
                self.size(width, height)
                name = os.path.join(folder, f"page-{width}x{height}-{scheme}.png")
                self.assertTrue(self.driver.save_screenshot(name))
                self.assertGreater(os.path.getsize(name), 20000)
                self.inside(width)
        print(f"screenshots are in {folder}")

    def inside(self, width):
        """Nothing lies beyond the right edge."""
        self.assertLessEqual(self.driver.execute_script("return document.documentElement.scrollWidth"), width)

    def test_three_tasks_on_one_screen(self):
        daemon = self.machine()
        daemon.post(MACHINE)
        self.open(daemon)
        self.size(1280, 800)
        for selector in ("html", "#picture"):
            height, room = self.driver.execute_script("""
                const node = document.querySelector(arguments[0]);
                return [node.scrollHeight, node.clientHeight]""", selector)
            self.assertLessEqual(height, room, selector)


if __name__ == "__main__":
    main()
