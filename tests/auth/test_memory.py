"""The memory of tokens is bounded in number and in time."""

from app.auth.memory import Memory


def test_what_was_used_least_lately_is_forgotten_first() -> None:
    memory: Memory[int] = Memory(2)
    memory.keep(b"a", 1, until=100)
    memory.keep(b"b", 2, until=100)
    assert memory.get(b"a", now=0) == 1

    memory.keep(b"c", 3, until=100)

    assert [memory.get(key, now=0) for key in (b"a", b"b", b"c")] == [1, None, 3]
    assert len(memory) == 2


def test_nothing_is_kept_beyond_its_time() -> None:
    memory: Memory[int] = Memory(2)
    memory.keep(b"a", 1, until=100)

    assert memory.get(b"a", now=99.9) == 1
    assert memory.get(b"a", now=100) is None
    assert len(memory) == 0


def test_what_is_forgotten_or_was_never_known_is_nothing() -> None:
    memory: Memory[int] = Memory(2)
    memory.keep(b"a", 1, until=100)

    memory.forget(b"a")
    memory.forget(b"b")

    assert memory.get(b"a", now=0) is None
