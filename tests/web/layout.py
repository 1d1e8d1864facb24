#!/usr/bin/python3
"""The layout of the picture, as a module: cards stand apart, few lines cross, what does not change stays."""
import json
import os
import subprocess
import tempfile

from browser import PageTest, main, FDLAB

# Lays a list of pictures out, one after the other, and returns of each the cards by column (key, y, h) and
# the crossings of its lines.
RUN = """
const [pictures, done] = arguments;
Promise.all([import("./picture-model.js"), import("./layout.js")]).then(([{ build }, { layOut, crossings }]) => {
    let last = null;
    const filter = { tasks: null, fds: null, kinds: null, console: false };
    done(pictures.map(picture => {
        const model = build(picture, filter, new Set());
        last = layOut(model, last);
        const cross = kind => crossings(model.lines.filter(line => line.kind === kind), last.y);
        return {
            columns: model.columns.map(cards => cards.map(card => [card.key, last.y.get(card.key), card.h])),
            height: last.height, slot: cross("slot"), object: cross("object"),
        };
    }));
}).catch(error => done(String(error)));
"""


def picture(*lines):
    """picture.json of a machine after these lines."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "s.fdl")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        text = subprocess.run([FDLAB, "draw", "--format", "json", path], check=True, stdout=subprocess.PIPE).stdout
    return json.loads(text)


class Layout(PageTest):

    def lay_out(self, *pictures):
        self.open()
        laid = self.driver.execute_async_script(RUN, pictures)
        self.assertIsInstance(laid, list, laid)
        for one in laid:
            self.assert_apart(one)
        return laid

    def assert_apart(self, laid):
        for cards in laid["columns"]:
            end = 0
            for key, y, height in sorted(cards, key=lambda card: card[1]):
                self.assertGreater(y, end, key)
                end = y + height
            self.assertLess(end, laid["height"])

    def test_lines_of_a_simple_machine_do_not_cross(self):
        [laid] = self.lay_out(picture("open /etc/passwd", "open /etc/hosts", "open /dev/null", "dup2 5 20",
                                      "open /etc/passwd", "close 3", "open /dev/zero"))
        self.assertEqual(laid["object"], 0)
        self.assertLessEqual(laid["slot"], 2)

    def test_two_pipes_between_two_tasks(self):
        [laid] = self.lay_out(picture("pipe", "pipe", "fork", "1 close 4", "1 close 5", "2 close 3", "2 close 6"))
        self.assertEqual(laid["object"], 0)
        self.assertLessEqual(laid["slot"], 1)

    def test_what_does_not_change_stays(self):
        lines = ["open /etc/passwd", "pipe", "open /etc/hosts", "socketpair AF_UNIX SOCK_STREAM 0"]
        before, after = self.lay_out(picture(*lines), picture(*lines, "open /dev/null"))
        places = {key: y for cards in before["columns"][1:] for key, y, _ in cards}
        moved = [key for cards in after["columns"][1:] for key, y, _ in cards if places.get(key, y) != y]
        self.assertEqual(moved, [])

    def test_a_large_machine(self):
        lines = [f"open /tmp/{n} O_RDWR|O_CREAT" for n in range(15)]
        for pid in range(2, 60):
            lines += ["1 fork", f"{pid} close {3 + pid % 15}", f"{pid} open /etc/passwd"]
        [laid] = self.lay_out(picture(*lines))
        self.assertEqual(len(laid["columns"][0]), 59)
        # tables keep their order
        self.assertEqual([card[0] for card in sorted(laid["columns"][0], key=lambda card: card[1])],
                         [card[0] for card in laid["columns"][0]])


if __name__ == "__main__":
    main()
