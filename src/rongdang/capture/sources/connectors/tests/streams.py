"""A file that lies nowhere: one head, then the same line over and over."""

from rongdang.base.blocks import BlockReader


class Repeated(BlockReader):
    """`head`, then `line` `count` times, as UTF-8; made as it is asked for."""

    def __init__(self, head, line, count):
        self._head, self._line = head.encode(), line.encode()
        super().__init__(len(self._head) + len(self._line) * count, 1 << 16)

    def block(self, index):
        start = index * self.block_size
        end = min(start + self.block_size, self.length)
        out = self._head[start:end]
        at = start + len(out) - len(self._head)
        skipped = at % len(self._line)
        need = end - start - len(out)
        return out + (self._line * (need // len(self._line) + 2))[skipped : skipped + need]
