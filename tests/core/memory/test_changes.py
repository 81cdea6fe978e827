"""Changes told in words, without a link: what holds now comes, what was changed doesn't, and the rest stays."""

import sqlite3
from pathlib import Path

import pytest
from word_vectors import WordVectors

from kiki_core.memory import Episode, Memory, Query, changes
from kiki_core.memory.index import open_index
from kiki_core.memory.tending import compact

DAY = 86_400.0


@pytest.mark.parametrize(
    ("older", "later"),
    [
        ("The SPI clock is 10 MHz.", "SPI clock raised from 10 MHz to 20 MHz."),
        ("The SPI clock is 10 MHz.", "We lowered the SPI clock to 4 MHz."),
        ("The SPI clock is 10 MHz.", "The SPI clock is now 20 MHz."),
        ("Input fuse: 500 mA.", "The input fuse becomes 1 A."),
        ("The fan runs from a DRV10983.", "Replaced the DRV10983 with an MCT8316."),
        ("The fan runs from a DRV10983.", "The DRV10983 was swapped for the MCT8316."),
        ("The fan runs from a DRV10983.", "An MCT8316 replaces the DRV10983."),
        ("The fan runs from a DRV10983.", "It's an MCT8316 instead of the DRV10983."),
        ("Gate resistors: 10 Ohm each.", "Gate resistors 22 Ohm rather than 10 Ohm."),
        ("Settings live in the EEPROM.", "We no longer use the EEPROM."),
        ("A buzzer signals faults.", "The buzzer goes, an LED does it."),
        ("A buzzer signals faults.", "We gave up on the buzzer."),
        ("The crystal sits next to the USB connector.", "Crystal moved to the bottom side."),
        ("A lead acid battery powers it.", "Let's use a lithium battery instead."),
        ("Pull-ups on the bus: 10k.", "Pull-ups on the bus went down to 4.7 kOhm."),
    ],
)
def test_a_change_is_read_and_what_it_changes_is_recognised(older: str, later: str) -> None:
    assert any(changes.states(older, change) for change in changes.read(later))


@pytest.mark.parametrize(
    ("older", "later"),
    [
        ("The SPI clock is 10 MHz.", "Should we raise the SPI clock from 10 MHz to 20 MHz?"),
        ("The SPI clock is 10 MHz.", "Maybe we could change the SPI clock to 20 MHz."),
        ("The SPI clock is 10 MHz.", "We did not change the SPI clock to 20 MHz."),
        ("The SPI clock is 10 MHz.", "If the SPI clock becomes 20 MHz, the flash fails."),
        ("The SPI clock is 10 MHz.", "The I2C clock is now 400 kHz."),
        ("The SPI clock is 20 MHz.", "The SPI clock is now 20 MHz."),
        ("Resistor R5 is 10k.", "R6 was changed from 4.7k to 10k."),
        ("The sensor draws 2 mA.", "The sensor address is now 0x48."),
        ("The fan runs from a DRV10983.", "Replaced the LM317 with a TPS7A47."),
        ("The antenna sits next to the shield.", "Crystal moved to the bottom side."),
    ],
)
def test_what_is_no_change_of_it_leaves_it_alone(older: str, later: str) -> None:
    assert not any(changes.states(older, change) for change in changes.read(later))


def keep(memory: Memory, *texts: str) -> None:
    memory.add([Episode(text, ref=f"{n}", time=1.7e9 + n * DAY) for n, text in enumerate(texts)])
    memory.encode_pending()


def refs(memory: Memory, question: str, k: int = 3) -> list[str]:
    return [one.ref for one in memory.search(Query(question, k, project="board"))]


def test_the_value_that_was_changed_does_not_come_back(memory: Memory) -> None:
    keep(memory, "PWM frequency set to 20 kHz.", "We raised the PWM frequency from 20 kHz to 32 kHz.")
    assert refs(memory, "What PWM frequency do we run?") == ["1"]
    assert set(refs(memory, "What was the PWM frequency originally?")) == {"0", "1"}
    assert "0" in refs(memory, "Why did we change the PWM frequency?")


def test_the_rest_of_what_was_changed_in_part_stays_an_answer(memory: Memory) -> None:
    keep(
        memory,
        "UART console at 9600 baud on pins PA9 and PA10.",
        "The console baud rate went up from 9600 baud to 115200 baud.",
    )
    assert refs(memory, "console baud rate") == ["1"]
    found = memory.search(Query("on which pins PA9 PA10 is the UART", 3, project="board"))
    assert found[0].ref == "0"
    assert "some of it was changed" in found[0].why


def test_an_exchange_that_does_not_say_what_the_part_does_comes_with_what_it_replaced(memory: Memory) -> None:
    keep(memory, "The 3.3 V rail is fed by the TPS62840 regulator", "Replaced the TPS62840 with a TPS62843")
    assert refs(memory, "which regulator feeds the 3.3 V rail?") == ["1", "0"]


def test_a_change_that_came_earlier_changes_nothing_later(memory: Memory) -> None:
    keep(memory, "We lowered the LED current from 20 mA to 5 mA.", "LED current is 20 mA again, measured.")
    assert "1" in refs(memory, "what is the LED current?")


def test_two_parts_of_a_kind_both_stay(memory: Memory) -> None:
    keep(memory, "The BME280 answers at address 0x76.", "A second sensor, the SHT31, sits at address 0x44.")
    assert refs(memory, "address of the BME280")[0] == "0"
    assert refs(memory, "address of the SHT31")[0] == "1"


def current(memory: Memory) -> dict[str, str]:
    return {fact.subject: fact.value for fact in memory.facts(project="board")}


def test_of_two_values_with_written_times_the_later_time_holds(memory: Memory) -> None:
    first, second = "2026-05-01T00:00:00Z", "2026-03-01T00:00:00Z"
    memory.add([Episode("The bus voltage is 5 V.", time=1_777_593_600.0, given_time=first)])
    memory.add([Episode("The bus voltage is 12 V.", time=1_772_323_200.0, given_time=second)])
    assert current(memory) == {"bus voltage": "5 V"}
    assert {fact.value for fact in memory.facts(project="board", current=False)} == {"5 V", "12 V"}


def test_without_written_times_the_order_of_arrival_counts_whatever_the_clock_says(memory: Memory) -> None:
    memory.add([Episode("The bus voltage is 5 V.", time=2e9)])
    memory.add([Episode("The bus voltage is 12 V.", time=1e9)])
    assert current(memory) == {"bus voltage": "12 V"}


def test_what_a_forgotten_value_had_ended_holds_again_or_ends_at_the_next(memory: Memory) -> None:
    ids = memory.add([Episode(f"The bus voltage is {value} V.") for value in (5, 12, 24)])
    memory.forget([ids[1]])
    assert current(memory) == {"bus voltage": "24 V"}
    memory.forget([ids[2]])
    assert current(memory) == {"bus voltage": "5 V"}
    assert next(iter(memory.facts(project="board"))).statement == "The bus voltage is 5 V."


def test_a_write_costs_no_more_with_many_facts_known(tmp_path: Path) -> None:
    def steps(known: int) -> int:
        memory = Memory(tmp_path / str(known), WordVectors(), project="board")
        memory.add([Episode(f"The voltage of net N{n} is {n} V.") for n in range(known)])
        taken = 0

        def count() -> int:
            nonlocal taken
            taken += 1
            return 0

        memory.files.read(lambda index: index.db.set_progress_handler(count, 100))
        memory.add([Episode("Replaced the LM317 with a TPS7A47. The voltage of net N7 is 9 V.")])
        memory.close()
        return taken

    assert steps(2_000) < 2 * steps(50)


def test_a_store_of_format_2_is_brought_up_and_its_facts_are_read_again(tmp_path: Path) -> None:
    from kiki_core.config import MemorySettings

    memory = Memory(tmp_path / "memory", WordVectors(), project="board")
    memory.add([Episode(f"The bus voltage is {value} V.") for value in (5, 12)])
    memory.close()
    old = sqlite3.connect(tmp_path / "memory" / "index.db")
    old.executescript(
        "DROP TABLE fact; CREATE TABLE fact(episode, subject, value, statement, project, valid_from, valid_to,"
        "replaced_by); INSERT INTO fact VALUES(1,'x','y','z','board',0,NULL,NULL); UPDATE meta SET value=2 "
        "WHERE key='format';"
    )
    old.close()
    memory = Memory(tmp_path / "memory", WordVectors(), project="board")
    memory.add([Episode("The bus voltage is 24 V.")])
    compact(memory, MemorySettings())
    assert current(memory) == {"bus voltage": "24 V"}
    assert len(memory.facts(project="board", current=False)) == 3
    memory.close()
    assert open_index(tmp_path / "memory" / "index.db").meta("format") == 3
