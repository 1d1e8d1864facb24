#!/usr/bin/python3
"""What surrounds the picture: filters, folds, zoom, the bits, export, and the picture by keyboard."""
import base64
import re
import struct
import xml.etree.ElementTree

from browser import PageTest, main

MACHINE = """pipe
1 open /etc/passwd O_CLOEXEC
1 fork
2 close 3
2 dup2 5 70
"""


class Tools(PageTest):

    def make(self, lines=MACHINE):
        daemon = self.machine()
        daemon.post(lines)
        return self.open(daemon)

    def keys_of(self, selector):
        return self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map(node => node.dataset.key)", selector)

    def cards(self):
        return set(self.keys_of("#picture .card"))

    def focused(self):
        return self.driver.execute_script("return document.activeElement.dataset.key ?? document.activeElement.id")

    def fill(self, field, text):
        from selenium.webdriver.common.keys import Keys
        field.clear()
        field.send_keys(text, Keys.ENTER)

    # ---- filters and folds ----

    def test_tasks_descriptors_and_kinds_are_filtered(self):
        self.make()
        tasks, fds = self.all("#tools input[type=text]")
        self.fill(tasks, "2")
        self.assertEqual([key for key in self.cards() if key.startswith("table")], ["table:2"])
        self.assertNotIn("slot:1:3", self.keys_of("#picture [data-key]"))
        self.fill(tasks, "x-")
        self.assertEqual(tasks.get_attribute("aria-invalid"), "true")
        self.fill(tasks, "1-2")
        self.assertLessEqual({"table:1", "table:2"}, self.cards())
        self.fill(fds, "5-70")
        self.assertEqual(self.keys_of("#picture .row"), ["slot:1:5", "slot:2:5", "slot:2:70"])
        self.driver.execute_script("arguments[0].value = ''; arguments[0].dispatchEvent(new Event('change'))", fds)
        self.find("#tool-kinds summary").click()
        self.find("#tool-kinds input[value=pipe]").click()
        self.assertEqual(self.keys_of("#picture .row[data-key='slot:1:4']"), [])
        self.assertTrue(self.keys_of("#picture .row[data-key='slot:1:5']"))

    def test_the_console_is_shown_when_asked_for(self):
        self.make()
        self.find("#tool-console").click()
        self.assertTrue(self.all("#picture [data-key='slot:1:1']"))
        self.assertIn("/dev/console", "".join(self.texts("#picture .column-2")))

    def test_cards_are_folded_and_unfolded(self):
        self.make()
        rows = len(self.all("#picture .row"))
        self.find("#tool-fold").click()
        self.assertEqual(self.all("#picture .row"), [])
        self.assertTrue(self.all("#picture .line.slot"))
        self.find("#tool-fold").click()
        self.assertEqual(len(self.all("#picture .row")), rows)

    def test_zoom(self):
        self.make()
        width = lambda: float(self.find("#picture svg").get_attribute("width"))
        fits = width()
        self.find("#tools [aria-label=larger]").click()
        self.assertGreater(width(), fits)
        self.find("#tools [aria-label^=fit]").click()
        self.assertEqual(width(), fits)

    # ---- the bits ----

    def test_the_bits_of_tables(self):
        self.make()
        self.find("#tool-bits").click()
        labels = self.driver.execute_script(
            "return [...document.querySelectorAll('#bits [role=img]')].map(node => node.getAttribute('aria-label'))")
        self.assertIn("open_fds: 0, 1, 2, 3, 4, 5", labels)
        self.assertIn("open_fds: 70", labels)
        self.assertIn("close_on_exec: 5", labels)
        self.assertIn("next_fd 6", self.texts("#bits h3")[0])
        self.assertEqual(len(self.all("#bits .bit.next")), 2)

    def test_replaced_tables_have_their_readers(self):
        self.make("dup2 0 70\n1 clone CLONE_FILES\n2 read(0 <unfinished at fget:slot ...>\n1 dup2 0 300\n")
        self.find("#tool-bits").click()
        self.assertIn("grace period, read by task 2", self.texts("#bits .bits-retired li")[0])

    # ---- export ----

    def exported(self, what):
        answer = self.driver.execute_async_script("""
            const [what, done] = arguments;
            import("./export.js").then(async module => {
                if (what === "svg")
                    return done(module.svgText().text);
                const reader = new FileReader();
                reader.onload = () => done(reader.result);
                reader.readAsDataURL(await module.pngBlob());
            }).catch(error => done("error: " + error));""", what)
        self.assertFalse(answer.startswith("error:"), answer)
        return answer

    def test_an_svg_stands_on_its_own(self):
        self.make()
        text = self.exported("svg")
        root = xml.etree.ElementTree.fromstring(text)
        self.assertTrue(root.tag.endswith("}svg"))
        self.assertIn("/etc/passwd", "".join(root.itertext()))
        self.assertNotIn("var(", text)
        self.assertEqual(re.findall(r'(?:href|src)="(?!#)[^"]*"|url\((?!"?#)[^)]*\)', text), [])

    def test_a_png_has_two_pixels_for_one(self):
        self.make()
        png = base64.b64decode(self.exported("png").split(",")[1])
        self.assertEqual(png[:8], b"\x89PNG\r\n\x1a\n")
        width, height = struct.unpack(">II", png[16:24])
        box = self.driver.execute_script(
            "return document.querySelector('#picture svg').getAttribute('viewBox')").split()
        self.assertEqual([width, height], [2 * int(float(n)) for n in box[2:]])

    # ---- by keyboard ----

    def test_the_picture_by_keyboard(self):
        from selenium.webdriver.common.keys import Keys
        self.make()
        self.leave()
        self.keys("g")
        self.assertEqual(len(self.all("#picture .cards [data-key][tabindex='0']")), 1)
        self.driver.execute_script("""document.querySelector("#picture [data-key='slot:1:5']").focus()""")
        self.keys(Keys.ARROW_UP)
        self.assertEqual(self.focused(), "slot:1:4")
        self.keys(Keys.ARROW_RIGHT)
        self.assertEqual(self.focused(), "file:2")
        self.keys(Keys.ARROW_RIGHT)
        self.assertTrue(self.focused().startswith("object:"))
        self.driver.execute_script("""document.querySelector("#picture [data-key='slot:1:5']").focus()""")
        self.keys(Keys.ENTER)
        self.assertEqual(self.texts(".menu button")[0], "1 close(5)")
        self.keys(Keys.ESCAPE)
        self.assertEqual(self.focused(), "slot:1:5")
        self.keys(Keys.ENTER, Keys.ARROW_DOWN, Keys.ENTER)
        self.settled(line=6)
        self.assertTrue(self.all("#picture [data-key='slot:1:6']"))


if __name__ == "__main__":
    main()
