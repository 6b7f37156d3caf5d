"""Ways of damaging bytes: what disks, copies, editors and people with bad intentions do."""
import struct

NUMBERS = [0, 1, -1, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**62, 2**63 - 1, -(2**63)]
WORDS = [
    "", "NaN", "-1", "1e999", "99999999999999999999", "0x10", "null", "true", "[]", "{}", '"', "'", "\\", "=1+1",
    "../../etc/passwd",
    "\u0000", "\u0001\u001b[31m", "\u202e", "\u0130\u0131", "\ud7ff", "e\u0301", "\U0001f52c", "\ufeff", "\u2028",
    "\r", "\r\n", "\n\n", ",,,", ";", "\t",
    "[" * 3000, '{"a":' * 3000, "<a>" * 3000, "A" * 70000, "<!ENTITY a 'b'>", "&a;", "<![CDATA[", "]]>", "<!--",
]


def truncated(draws, data):
    return data[: draws.choice([0, 1, len(data) - 1, draws.randrange(len(data)), draws.randrange(len(data))])]


def flipped(draws, data):
    made = bytearray(data)
    for _ in range(draws.choice([1, 1, 2, 8, 64])):
        made[draws.randrange(len(made))] ^= 1 << draws.randrange(8)
    return bytes(made)


def numbered(draws, data):
    """A number that is wrong, in one of the usual widths and orders, mostly near the beginning."""
    code, width = draws.choice([("h", 2), ("i", 4), ("q", 8)])
    bits = draws.choice(NUMBERS) % (1 << (8 * width))
    made = bytearray(data)
    reach = draws.choice([64, 1024, len(data)])
    at = draws.randrange(max(1, min(reach, len(data)) - width))
    made[at : at + width] = struct.pack(draws.choice("<>") + code.upper(), bits)
    return bytes(made)


def zeroed(draws, data):
    at = draws.randrange(len(data))
    length = draws.choice([1, 16, 512, 4096, len(data)])
    return data[:at] + bytes(min(length, len(data) - at)) + data[at + length :]


def copied(draws, data):
    """A block stands where another one was, as after a bad copy; the length stays."""
    length = draws.choice([4, 16, 64, 512, 4096])
    made = bytearray(data)
    source, target = draws.randrange(len(data)), draws.randrange(len(data))
    block = data[source : source + length]
    made[target : target + len(block)] = block
    return bytes(made[: len(data)])


def grown(draws, data):
    at = draws.randrange(len(data) + 1)
    return data[:at] + draws.randbytes(draws.choice([1, 7, 512])) + data[at:]


def worded(draws, data):
    """A word in a text stands for another one, or between two."""
    at = draws.randrange(len(data) + 1)
    length = draws.choice([0, 0, 1, 4, 20])
    return data[:at] + draws.choice(WORDS).encode("utf-8", "surrogatepass") + data[at + length :]


def lined(draws, data):
    """Lines are doubled, lost or exchanged."""
    lines = data.split(b"\n")
    one, two = draws.randrange(len(lines)), draws.randrange(len(lines))
    way = draws.choice(["doubled", "lost", "exchanged"])
    if way == "doubled":
        lines.insert(one, lines[two])
    elif way == "lost":
        del lines[one]
    else:
        lines[one], lines[two] = lines[two], lines[one]
    return b"\n".join(lines)


BINARY = [truncated, flipped, flipped, numbered, numbered, numbered, zeroed, copied, grown]
TEXT = [truncated, flipped, zeroed, copied, grown, worded, worded, worded, worded, lined, lined]


def mutation(draws, data, is_text):
    """A damaged copy of `data`, and the name of what was done; sometimes two things are."""
    made, names = data, []
    for _ in range(draws.choice([1, 1, 1, 2])):
        if not made:
            break
        way = draws.choice(TEXT if is_text else BINARY)
        made = way(draws, made)
        names.append(way.__name__)
    return made, "+".join(names)
