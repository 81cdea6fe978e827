"""What memory reads from a text: names and quantities, time phrases, facts, secrets."""

from datetime import UTC, datetime

import pytest

from kiki_core.errors import KikiError
from kiki_core.memory import facts, secrets, times
from kiki_core.memory.words import question_words, terms

TUESDAY = datetime(2026, 6, 9, 15, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the TPS62840 buck", "tps62840"),
        ("TPS62840-Q1", "TPS62840"),
        ("net +3V3 is low", "+3v3"),
        ("USART1_TX idles high", "USART1_TX"),
        ("pull up /SDA", "SDA"),
        ("R12 is hot", "r12"),
    ],
)
def test_a_name_has_one_spelling(one: str, other: str) -> None:
    assert set(terms(one).names) & set(terms(other).names)


@pytest.mark.parametrize(
    ("one", "other"),
    [("TPS62840", "TPS62841"), ("R1", "R12"), ("+3V3", "-3V3X"), ("GPIO1", "GPIO10")],
)
def test_names_that_differ_do_not_match(one: str, other: str) -> None:
    assert not set(terms(one).names) & set(terms(other).names)


@pytest.mark.parametrize("text", ["4.7k", "4k7", "4.7 kΩ", "4,7 kohm", "4700 Ω"])
def test_a_resistance_is_one_word_however_written(text: str) -> None:
    assert "q4700" in terms(f"R5 is {text} now").quantities


def test_three_volts_three_is_a_quantity_and_a_net() -> None:
    assert set(terms("3.3 V").quantities) & set(terms("the +3V3 rail").quantities)


def test_words_of_a_question_leave_out_what_says_nothing() -> None:
    assert question_words("What did we do about the thermal pad?") == ["thermal", "pad"]
    assert question_words("what is it") == ["what", "is", "it"]


@pytest.mark.parametrize(
    ("phrase", "start", "end"),
    [
        ("last Tuesday", "2026-06-02", "2026-06-03"),
        ("on Tuesday", "2026-06-09", "2026-06-10"),
        ("last Monday", "2026-06-08", "2026-06-09"),
        ("yesterday", "2026-06-08", "2026-06-09"),
        ("this morning", "2026-06-09", "2026-06-10"),
        ("the day before yesterday", "2026-06-07", "2026-06-08"),
        ("last week", "2026-06-01", "2026-06-08"),
        ("last month", "2026-05-01", "2026-06-01"),
        ("3 days ago", "2026-06-06", "2026-06-07"),
        ("on 3 June 2026", "2026-06-03", "2026-06-04"),
        ("June 3rd, 2026", "2026-06-03", "2026-06-04"),
        ("on 2026-02-28", "2026-02-28", "2026-03-01"),
        ("in March 2025", "2025-03-01", "2025-04-01"),
        ("in December", "2025-12-01", "2026-01-01"),
        ("in 2024", "2024-01-01", "2025-01-01"),
    ],
)
def test_a_time_phrase_is_a_window(phrase: str, start: str, end: str) -> None:
    found = times.window(f"What did we change {phrase}?", TUESDAY, UTC)
    assert found is not None
    assert (times.written(found.start)[:10], times.written(found.end)[:10]) == (start, end)


@pytest.mark.parametrize(
    ("question", "before", "after"),
    [
        ("What did we do before 3 June 2026?", True, False),
        ("What did we do since last Monday?", False, True),
        ("anything after March 2026?", False, True),
    ],
)
def test_an_open_window(question: str, before: bool, after: bool) -> None:
    found = times.window(question, TUESDAY, UTC)
    assert found is not None
    assert found.strict
    assert (found.start == float("-inf"), found.end == float("inf")) == (before, after)


def test_an_event_can_name_a_time() -> None:
    found = times.anchor("Which crystal did we use before the respin?")
    assert found is not None
    assert (found.before, found.event, found.rest) == (True, "the respin", "Which crystal did we use ?")


@pytest.mark.parametrize("text", ["may I ask?", "march on", "the second sun", "31 February 2026", "99999 days ago"])
def test_no_window_where_there_is_none(text: str) -> None:
    found = times.window(text, TUESDAY, UTC)
    assert found is None or found.start < found.end


@pytest.mark.parametrize(
    ("stamp", "seconds"),
    [
        ("1970-01-02T00:00:00Z", 86_400),
        ("1970-01-02", 86_400),
        (86_400, 86_400),
        ("86400", 86_400),
        ("1970-01-02T01:00:00+01:00", 86_400),
        ("1:56 pm on 8 May, 2023", 1_683_554_160),
    ],
)
def test_stamps(stamp: str | int, seconds: int) -> None:
    assert times.parse(stamp) == seconds


@pytest.mark.parametrize("stamp", ["soon", "", "9" * 400, 1e300, float("nan"), True])
def test_what_is_no_stamp_is_said(stamp: object) -> None:
    with pytest.raises(KikiError, match="is no time"):
        times.parse(stamp)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "subject", "value"),
    [
        ("We chose the TPS62840 for the 3.3 V rail because it is quiet.", "3.3 rail v", "TPS62840"),
        ("Changed R5 from 10k to 4.7k.", "r5", "4.7k"),
        ("The I2C address is 0x48.", "address i2c", "0x48"),
        ("Switching frequency = 2.2 MHz", "frequency switching", "2.2 MHz"),
        ("We use STM32G431 as the MCU", "mcu", "STM32G431"),
    ],
)
def test_a_fact_is_read(text: str, subject: str, value: str) -> None:
    found = facts.read(text)
    assert [(one.subject, one.value) for one in found] == [(subject, value)]


@pytest.mark.parametrize(
    "text",
    ["The radio is powered from the rail.", "Is R5 4.7k?", "Good morning!", "The board is nice and small.", "x" * 9000],
)
def test_no_fact_where_none_is_stated(text: str) -> None:
    assert facts.read(text) == []


# Put together here, so that no scanner takes this file for a leak.
SECRETS = [
    "AKIA" + "IOSFODNN7EXAMPLE",
    "ghp_" + "a1B2" * 9,
    "sk-" + "proj-" + "Ab3d" * 10,
    "xoxb-" + "1234567890-abcdefghij",
    "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVmNHl0w5N",
    "whsec_" + "Eo4Hw7BCAI2Q" * 3,
    "dop_v1_" + "bb354942f186" * 5,
    "SG." + "oZEIeINklma2mGYmo9aGEu." + "wqKzKiTW66vQOShNqqgd3v5Td4XyenT",
    "1234567890:AA" + "XXdixdTUzAZxpwCxzKbyViiEAqXkTU78C",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc\n-----END RSA PRIVATE KEY-----",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_removed_and_the_rest_stays(secret: str) -> None:
    text, kinds = secrets.redacted(f"Deploy with {secret} on the bench")
    assert secret.splitlines()[-1] not in text
    assert text.startswith("Deploy with [")
    assert text.endswith("removed] on the bench")
    assert kinds


@pytest.mark.parametrize(
    "text",
    [
        "the Wi-Fi password is Hunter2!x",
        "api_key = 'f00barBAZ123'",
        "MQTT passphrase: correct-Horse-7",
        "mqtt://device:s3cr3tpw@broker.local",
        "Authorization: Bearer abcdef0123456789abcdef",
        "Authorization: Basic YWRtaW46U3VwM3JTZWNyZXQh",
        '#define WIFI_PASSWORD "Wlan7ffa4a9s"',
        'the passphrase is "correct-Horse-7 battery staple"',
        "Das Passwort lautet Geheim123!",
        "LoRaWAN AppKey: 577BCC7ED92A1351D0C5D17BAB40BB3C",
        "static const u1_t APPKEY[16] = { 0x6f, 0xbd, 0x2c, 0x52, 0xec, 0x60, 0x29, 0x34 };",
        "AccountKey=ks52Wnvsev684U3FGIaIYQKpuyuXqxyjjNdk6ma==;EndpointSuffix=core",
        "https://hooks.slack.com/services/" + "TJd48mkQM/Bv05JXYE6/HCbfcSMhFJ3q",
        "curl -u admin:s3cr3tpw https://host",
        "mosquitto_pub -u dev -P s3cr3tpw -t x",
    ],
)
def test_a_password_is_removed(text: str) -> None:
    told, kinds = secrets.redacted(text)
    assert kinds
    for word in (
        "Hunter2!x", "f00barBAZ123", "correct-Horse-7", "s3cr3tpw", "abcdef0123456789abcdef", "YWRtaW46", "Wlan7ffa",
        "staple", "Geheim123", "577BCC7E", "0x6f", "ks52Wnvs", "HCbfcSMh",
    ):  # fmt: skip
        assert word not in told


@pytest.mark.parametrize(
    "text",
    [
        "the token bucket is full",
        "password protected schematics are a pain",
        "sha256 " + "ab12" * 16,
        "skip the sk-1 connector",
        "the secret is patience",
        "R5 = 4.7k, key: layout",
        "AES-128 key length is 128 bits",
        "uint8_t key_state = KEY_PRESSED;",
        "the private key is kept in the safe",
        "PASSWORD_MIN_LENGTH = 12",
        "USART1->BRR = 0x0683",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert secrets.redacted(text) == (text, ())


@pytest.mark.timeout(60)
def test_hostile_texts_are_read_in_time() -> None:
    for text in ("a" * 20_000, "password" * 2_500, "https://" * 2_500, "1." * 10_000, "_-" * 10_000, "is " * 6_000):
        assert len(secrets.redacted(text)[0]) <= len(text) + 40
        terms(text)
        facts.read(text)
        times.window(text[:4_000], TUESDAY, UTC)
        times.anchor(text[:4_000])
