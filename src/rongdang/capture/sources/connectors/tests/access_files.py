"""A small Access file (Jet 4) written byte by byte; `mdb-export` reads it as it reads Access's own."""

import datetime as dt
import struct

PAGE = 4096
BOOLEAN, LONG, MONEY, DOUBLE, MOMENT, TEXT, OLE, MEMO = 1, 4, 5, 7, 8, 10, 11, 12
SIZES = {LONG: 4, MONEY: 8, DOUBLE: 8, MOMENT: 8}


def moment(value):
    return struct.pack("<d", (value - dt.datetime(1899, 12, 30)).total_seconds() / 86_400)


class Table:
    """`columns`: (name, kind); `rows`: raw bytes, None or a truth value for each; `gone`: deleted rows."""

    def __init__(self, name, columns, rows, gone=()):
        self.name, self.columns, self.rows, self.gone = name, columns, rows, set(gone)

    def definition(self, kind, usage):
        fixed_at, place, out, names = 0, 0, b"", b""
        for number, (name, what) in enumerate(self.columns):
            is_fixed = what in SIZES or what == BOOLEAN
            size = SIZES.get(what, 0 if what in (MEMO, OLE) else 510 if what == TEXT else 1)
            out += struct.pack(
                "<BIHHHIBBIHH",
                what,
                0,
                number,
                0 if is_fixed else place,
                number,
                0,
                2 | is_fixed,
                0,
                0,
                fixed_at if is_fixed else 0,
                size,
            )
            fixed_at += SIZES.get(what, 0)
            place += not is_fixed
            raw = name.encode("utf-16-le")
            names += struct.pack("<H", len(raw)) + raw
        head = struct.pack(
            "<BBHIIIIIIIQBHHHIIII",
            2,
            1,
            0,
            0,
            0,
            0,
            len(self.rows),
            0,
            0,
            0,
            0,
            kind,
            len(self.columns),
            place,
            len(self.columns),
            0,
            0,
            usage,
            usage,
        )
        return (head + out + names + b"\xff\xff").ljust(PAGE, b"\0")

    def row(self, cells):
        mask, fixed, variable, offsets = 0, b"", b"", []
        for number, ((_name, what), cell) in enumerate(zip(self.columns, cells, strict=True)):
            mask |= (cell is not None and cell is not False) << number
            if what in SIZES:
                fixed += cell or bytes(SIZES[what])
            elif what != BOOLEAN:
                offsets.append(len(variable))
                variable += cell or b""
        start = 2 + len(fixed)
        table = [start + one for one in (*offsets, len(variable))]
        return (
            struct.pack("<H", len(self.columns))
            + fixed
            + variable
            + b"".join(struct.pack("<H", one) for one in reversed(table))
            + struct.pack("<H", len(offsets))
            + mask.to_bytes((len(self.columns) + 7) // 8, "little")
        )

    def pages(self, owner):
        room = PAGE - 14
        held, out = [], []
        for at, cells in enumerate(self.rows):
            raw = self.row(cells)
            if sum(len(one) + 2 for one, _flag in held) + len(raw) + 2 > room:
                out.append(data_page(owner, held))
                held = []
            held.append((raw, 0x8000 if at in self.gone else 0))
        return [*out, data_page(owner, held)]


def data_page(owner, rows):
    end, offsets, body = PAGE, [], b""
    for raw, flag in rows:
        end -= len(raw)
        offsets.append(end | flag)
        body = raw + body
    head = struct.pack("<BBHIIH", 1, 1, end - 14 - 2 * len(rows), owner, 0, len(rows))
    head += b"".join(struct.pack("<H", one) for one in offsets)
    return head + bytes(end - len(head)) + body


def usage(pages):
    first = min(pages)
    bits = bytearray(64)
    for one in pages:
        bits[(one - first) // 8] |= 1 << (one - first) % 8
    return b"\0" + struct.pack("<I", first) + bytes(bits)


def access(tables, memos=()):
    """The file; `memos`: raw texts, each in a row of its own on page 5, found by `memo(n, …)`."""
    pages = {5: data_page(0x4C41564C, [(raw, 0) for raw in memos] or [(b"\0", 0)])}
    maps, catalogue, following = [], [], 6
    for table in tables:
        page, following = following, following + 1
        data = table.pages(page)
        mine = range(following, following + len(data))
        pages |= dict(zip(mine, data, strict=True))
        following += len(data)
        maps.append(usage(mine))
        pages[page] = table.definition(0x4E, (1 << 8) | len(maps))
        catalogue.append(
            [
                struct.pack("<i", page),
                table.name.encode("utf-16-le"),
                struct.pack("<i", 1),
                struct.pack("<i", 0),
                None,
            ]
        )
    system = Table(
        "MSysObjects",
        [("Id", LONG), ("Name", TEXT), ("Type", LONG), ("Flags", LONG), ("LvProp", OLE)],
        catalogue,
    )
    pages[3] = system.pages(2)[0]
    pages[1] = data_page(0, [(one, 0) for one in (usage([3]), *maps)])
    pages[2] = system.definition(0x53, 1 << 8)
    head = b"\x00\x01\x00\x00Standard Jet DB\x00" + struct.pack("<I", 1)
    pages[0] = (head + _scrambled_noughts(128)).ljust(PAGE, b"\0")
    return b"".join(pages.get(number, bytes(PAGE)) for number in range(following))


def _scrambled_noughts(length):
    """What stands in the header where nothing is said, not even a password: RC4 of noughts."""
    key, state, j = b"\xc7\xda\x39\x6b", list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % 4]) & 255
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for _ in range(length):
        i = (i + 1) & 255
        j = (j + state[i]) & 255
        state[i], state[j] = state[j], state[i]
        out.append(state[(state[i] + state[j]) & 255])
    return bytes(out)


def memo(number, length):
    return struct.pack("<III", length | 0x40000000, (5 << 8) | number, 0)
