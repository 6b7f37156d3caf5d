"""When each step has to be over, and that it is."""
import threading
import time
import typing

from .children import Late, Missed

# Seconds that all steps together may take, so that with tidying up six minutes are not passed.
LIMIT = 345


class Step(typing.NamedTuple):
    name: str
    # Seconds; it gets what those before it have left as well.
    limit: float
    # Of a Lab with the step's deadline; gives what the JSON has of it.
    body: typing.Callable
    # Steps that have to have run.
    needs: tuple = ()


def chosen(rows, names):
    """The rows of steps that are wanted, with all that they need; all where no names are given."""
    steps = {step.name: step for row in rows for step in row}
    for name in names:
        if name not in steps:
            raise ValueError(f"--only: {name} is none of {', '.join(steps)}")
    waiting, wanted = list(names or steps), set()
    while waiting:
        name = waiting.pop()
        wanted.add(name)
        waiting += steps[name].needs
    kept = [[step for step in row if step.name in wanted] for row in rows]
    return [row for row in kept if row]


def deadlines(rows, start, factor=1):
    """When each row has to be over: it has its own time, whatever those before it did, and never that of those after it."""
    ends, end = [], start
    for row in rows:
        end += factor * max(step.limit for step in row)
        ends.append(end)
    return ends


def run(rows, lab, start, factor=1):
    """Row after row; the steps of a row beside each other."""
    for row, end in zip(rows, deadlines(rows, start, factor)):
        threads = [threading.Thread(target=one, args=(step, lab, end)) for step in row]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def one(step, lab, deadline):
    began, result = time.monotonic(), {}
    missing = [name for name in step.needs if "error" in lab.record.steps.get(name, {"error": ""})]
    try:
        if missing:
            raise Missed(f"it needs what {' and '.join(missing)} did not give")
        result = step.body(lab.until(deadline))
    except Missed as error:
        result = {**error.found, "error": str(error)}
        if isinstance(error, Late):
            result["late"] = True
    except Exception as error:  # a fault of one step costs no other
        result = {"error": f"{type(error).__name__}: {error}"}
    result["seconds"], result["limit"] = round(time.monotonic() - began, 1), round(deadline - began, 1)
    lab.record.end(step.name, result)
