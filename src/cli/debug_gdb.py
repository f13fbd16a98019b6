# SPDX-License-Identifier: Apache-2.0
"""gdb and the simulated world: who there is, what they wait for, and their stacks.

`interplay debug` has gdb run this text. A coroutine that does not run has left its registers on its stack, where
libboost-context's jump_fcontext has put them (x86-64, System V); `task N` shows that stack by setting gdb's registers to
these, and whatever lets the program go on puts the true ones back first.
"""
import gdb

TASKS = 8  # the first coroutines are the plan's tasks, the others threads of what is tested

# Where jump_fcontext keeps what must survive a call, from the address that it returns.
SAVED = {"r12": 0x08, "r13": 0x10, "r14": 0x18, "r15": 0x20, "rbx": 0x28, "rbp": 0x30, "rip": 0x38}
SAVED_BYTES = 0x40

# Of these files a person wants to see nothing first.
HARNESS = ("/src/sim/", "/src/run/", "/src/cli/", "/src/history/", "/backends/", "/fuzz/")


def world():
    """The world that was entered."""
    return gdb.parse_and_eval("world").dereference()


def name_of(number):
    """What replay --trace calls it."""
    return f"task {number}" if number < TASKS else f"thread {number - TASKS}"


def is_running(there, task):
    """It is on the processor, perhaps in the middle of being stopped."""
    return there["current"] == task.address


class Registers:
    """The true ones, while those of another coroutine are looked at."""

    def __init__(self):
        self.true = None

    def look_at(self, context):
        """Shows the coroutine whose registers lie there."""
        frame = gdb.newest_frame()
        frame.select()
        if self.true is None:
            self.true = {name: int(gdb.parse_and_eval(f"${name}")) for name in [*SAVED, "rsp"]}
        word = gdb.lookup_type("unsigned long")
        for name, offset in SAVED.items():
            value = int(gdb.Value(context + offset).cast(word.pointer()).dereference())
            self.set(name, value)
        self.set("rsp", context + SAVED_BYTES)

    def restore(self):
        """The program may go on."""
        if self.true is None:
            return
        true, self.true = self.true, None
        gdb.newest_frame().select()
        for name, value in true.items():
            self.set(name, value)

    @staticmethod
    def set(name, value):
        """One register, as a number."""
        gdb.execute(f"set ${name} = {value}", to_string=True)


registers = Registers()


def is_tested(frame):
    """Its function is none of the harness's, and there is source of it."""
    table = frame.find_sal().symtab
    return table is not None and not any(folder in table.fullname() for folder in HARNESS)


def select_interesting():
    """The innermost frame of what is tested, if there is one."""
    frame = gdb.newest_frame()
    while frame is not None and not is_tested(frame):
        frame = frame.older()
    (frame or gdb.newest_frame()).select()


class WithoutHarness:
    """Backtraces begin with what is tested; backtrace -no-filters shows all."""

    def __init__(self):
        self.name, self.priority, self.enabled = "interplay", 100, True
        gdb.frame_filters[self.name] = self

    @staticmethod
    def filter(frames):
        """All, where nothing of it is tested."""
        frames = list(frames)
        first = next((i for i, frame in enumerate(frames) if is_tested(frame.inferior_frame())), 0)
        return iter(frames[first:])


def look_at(there, number):
    """Selects the stack of a coroutine; says so if it has none."""
    registers.restore()
    task = there["tasks"][number]
    if is_running(there, task):
        select_interesting()
        return
    if task["coroutine"]["stack"] == 0:
        raise gdb.GdbError(f"{name_of(number)} has no stack")
    if str(task["state"]) == "TASK_IDLE":
        raise gdb.GdbError(f"{name_of(number)} is idle: nothing of what is tested is on its stack")
    if gdb.selected_inferior().architecture().name() != "i386:x86-64":
        raise gdb.GdbError("only the registers of x86-64 are known")
    registers.look_at(int(task["coroutine"]["context"]))
    select_interesting()


def awaited(there, task):
    """What it waits for, in words."""
    state = str(task["state"]).removeprefix("TASK_").lower()
    if is_running(there, task):
        return "runs", ""
    if state == "parked":
        return "held back", f"before {str(task['stopped_at']).removeprefix('YIELD_')}"
    if state == "blocked":
        owner = int(task["blocked_by"])
        return "waits", f"for {name_of(owner)}" if owner < int(there["tasks"].type.range()[1]) + 1 else "for a signal"
    if state == "sleeping":
        return "sleeps", f"until {int(task['wake_ns']) / 1e6:.3f} ms"
    if state == "outside":
        return "waits", "for an answer from outside"
    return state, ""


def step_of(number):
    """What a task was last given to do."""
    if number >= TASKS or VIEW.value is None:
        return ""
    return VIEW.value["steps"][number].string()


class View:
    """What the program tells of the stop: a pointer that it hands to interplay_stop."""

    value = None


VIEW = View()


def place_of(there, number):
    """The innermost function of what is tested."""
    try:
        look_at(there, number)
    except gdb.GdbError:
        return ""
    frame = gdb.selected_frame()
    sal = frame.find_sal()
    where = f" at {sal.symtab.filename.rsplit('/', 1)[-1]}:{sal.line}" if sal.symtab else ""
    return f"{frame.name()}{where}"


def exists(there, task, number):
    """It has work, or is a task that had some."""
    return str(task["state"]) != "TASK_IDLE" or step_of(number) != "" or is_running(there, task)


class InfoTasks(gdb.Command):
    """All tasks and threads of the simulated world: state, what they wait for, step, where they are."""

    def __init__(self):
        super().__init__("info tasks", gdb.COMMAND_STACK)

    def invoke(self, _argument, _from_tty):
        """Prints a line for each."""
        there = world()
        for number in range(int(there["tasks"].type.range()[1]) + 1):
            task = there["tasks"][number]
            if not exists(there, task, number):
                continue
            mark = "*" if is_running(there, task) else " "
            state, what = awaited(there, task)
            words = [f"{mark} {name_of(number)}", f"{state} {what}".strip(), step_of(number), place_of(there, number)]
            print("  ".join(f"{word:<{width}}" for word, width in zip(words, (11, 32, 28, 0))).rstrip())
        registers.restore()
        select_interesting()


class Task(gdb.Command):
    """task N: the stack of that task (8 and more: threads). task all COMMAND: for each. task: the one that runs."""

    def __init__(self):
        super().__init__("task", gdb.COMMAND_STACK)

    def invoke(self, argument, _from_tty):
        """Selects a stack."""
        there = world()
        words = argument.split(None, 1)
        if not words:
            registers.restore()
            select_interesting()
        elif words[0] == "all":
            self.for_all(there, words[1] if len(words) > 1 else "backtrace")
        elif words[0].isdigit() and int(words[0]) <= int(there["tasks"].type.range()[1]):
            look_at(there, int(words[0]))
            gdb.execute("frame")
        else:
            raise gdb.GdbError(f"task: expected a number, all or nothing, not '{argument}'")

    @staticmethod
    def for_all(there, command):
        """The command for each that has something on its stack."""
        for number in range(int(there["tasks"].type.range()[1]) + 1):
            task = there["tasks"][number]
            if str(task["state"]) == "TASK_IDLE" and not is_running(there, task):
                continue
            print(f"{name_of(number)}, {step_of(number)}:" if step_of(number) else f"{name_of(number)}:")
            look_at(there, number)
            gdb.execute(command)
        registers.restore()
        select_interesting()


class Restore(gdb.Command):
    """For hooks: the program is about to go on."""

    def __init__(self):
        super().__init__("interplay-restore", gdb.COMMAND_SUPPORT)

    def invoke(self, _argument, _from_tty):
        """Puts the registers back."""
        registers.restore()


def on_stop(event):
    """Says why it stops, and shows what is tested."""
    if not isinstance(event, gdb.BreakpointEvent) or STOP not in event.breakpoints:
        return
    VIEW.value = gdb.parse_and_eval("view").dereference()
    print(VIEW.value["what"].string())
    there, number = world(), int(VIEW.value["coroutine"])
    if str(there["tasks"][number]["state"]) == "TASK_IDLE":
        select_interesting()
    else:
        look_at(there, number)
    gdb.execute("frame")


WithoutHarness()
InfoTasks()
Task()
Restore()
for _going_on in ("continue", "step", "next", "stepi", "nexti", "finish", "until", "advance", "jump", "call", "kill"):
    gdb.execute(f"define hook-{_going_on}\ninterplay-restore\nend")
gdb.execute("set pagination off")
gdb.execute("set breakpoint pending on")
gdb.execute("set debuginfod enabled off")
gdb.execute("set print thread-events off")
for _signal in ("SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL"):
    gdb.execute(f"handle {_signal} stop print pass", to_string=True)
STOP = gdb.Breakpoint("interplay_stop", internal=True)
STOP.silent = True
gdb.events.stop.connect(on_stop)
gdb.execute("run")
