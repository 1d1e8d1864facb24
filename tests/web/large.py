#!/usr/bin/python3
"""A machine of 200 tasks with 20 descriptors each on the page. How long an update takes is printed, and
depends on the computer; that elements stay is tested."""
from browser import PageTest, main

TASKS = 200
DESCRIPTORS = 20


class Large(PageTest):

    def make(self):
        daemon = self.machine()
        daemon.post("open /etc/passwd\n" * (DESCRIPTORS - 4))
        daemon.post("1 fork\n" * (TASKS - 1))
        daemon.post("".join(f"{pid} open /etc/hosts\n" for pid in range(1, TASKS + 1)))
        return daemon

    def test_an_update_keeps_what_did_not_change(self):
        self.open(self.make())
        self.assertEqual(self.driver.execute_script("return document.querySelectorAll('#prompt-task option').length"),
                         TASKS)
        self.driver.execute_script("""
            performance.clearMeasures();
            window.kept = [...document.querySelectorAll("#picture [data-key], .time-call")];""")
        self.type("1 dup2 3 30", "1 close 30", "2 dup 3")
        kept, gone = self.driver.execute_script("""
            const gone = window.kept.filter(node => !node.isConnected);
            return [window.kept.length, gone.length]""")
        print(f"{kept} elements stood, {gone} of them are gone after three calls")
        self.assertGreater(kept, TASKS)
        self.assertLess(gone, kept / 20)
        times = self.driver.execute_script(
            "return performance.getEntriesByName('picture').map(entry => entry.duration)")
        print("updates of the picture took, in ms:", " ".join(f"{time:.1f}" for time in times))
        self.assertGreaterEqual(len(times), 3)


if __name__ == "__main__":
    main()
