"""The people of the demo site: some with names and roles, the rest made up by the number."""

from dataclasses import dataclass, field
from random import Random

ADMINISTRATOR = "keeper"
# Everybody signs in with this password: $2y$ is what q2a writes for bcrypt.
PASSWORD = "waggle-dance"  # noqa: S105 - it is meant to be known
PASSWORD_HASH = "$2y$10$aTNb0JfEcs1EMTOjO5MahuZ43yRq5TJOWNVPr/KTyPjXlEuit7V0e"  # noqa: S105

CONFIRMED, BLOCKED, SHOW_AVATAR, NO_MESSAGES, NO_WALL = 1, 2, 4, 16, 256
BASIC, APPROVED, EXPERT, EDITOR, MODERATOR, ADMIN, SUPER = 0, 10, 20, 50, 80, 100, 120
NETWORKS = (bytes((192, 0, 2)), bytes((198, 51, 100)), bytes((203, 0, 113)))
IPV6_NETWORK = bytes.fromhex("20010db8") + bytes(10)


@dataclass(slots=True)
class Person:
    """One account; times are seconds since the site's first day."""

    handle: str
    language: str
    level: int = APPROVED
    flags: int = CONFIRMED
    name: str = ""
    location: str = ""
    about: str = ""
    website: str = ""
    years: str = ""
    id: int = 0
    created: int = 0
    last_written: int | None = None
    avatar: int | None = None

    @property
    def address(self) -> bytes:
        """The one address that the person writes from: four bytes, for some sixteen."""
        if self.id % 11 == 0:
            return IPV6_NETWORK + self.id.to_bytes(2, "big")
        return NETWORKS[self.id % 3] + bytes((self.id // 3 % 254 + 1,))

    @property
    def email(self) -> str:
        return f"member{self.id}@example.{'jp' if self.language == 'ja' else 'org'}"


def named() -> list[Person]:
    """The people whom the documentation and the tests know by name, in order of arrival."""
    return [
        Person(ADMINISTRATOR, "en", SUPER, name="Ada Whitfield", location="Whitby, Yorkshire",
               about="I look after this site and eleven hives.", years="22"),
        Person("蜂屋", "ja", ADMIN, name="蜂谷 健一", location="長野県伊那市",
               about="ニホンミツバチを飼って三十年になります。", years="30"),
        Person("marguerite", "en", MODERATOR, name="Marguerite Lavigne", location="Annecy",
               about="Dark bees, old orchards and strong coffee.", years="14"),
        Person("kobayashi_y", "ja", MODERATOR, name="小林 由美", location="岡山県真庭市",
               about="花と蜂と写真が好きです。", years="12"),
        Person("TomHarker", "en", EDITOR, name="Tom Harker", location="Hebden Bridge", years="9",
               about="I correct typing errors, mostly my own."),
        Person("里山の蜂", "ja", EDITOR, name="田中 誠", location="島根県奥出雲町", years="18"),
        Person("DrVarga", "en", EXPERT, name="Ilona Varga", location="Pécs", years="25",
               about="Veterinarian. Please see your inspector, too.",
               website="https://bees.example.org/varga"),
        Person("queenbreeder", "en", EXPERT, name="Jens Mikkelsen", location="Aarhus", years="31"),
        Person("mizuki", "ja", EXPERT, name="森 瑞希", location="京都府南丹市", years="16"),
        Person("Rosalind", "en", name="Rosalind Achebe", location="Bristol", years="4"),
        Person("hive_no_7", "en", name="Pete Sandoval", location="Taos, New Mexico", years="6"),
        Person("みつばち太郎", "ja", name="佐藤 太郎", location="福岡県糸島市", years="5"),
        Person("smoke.and.wax", "en", name="Nora Lindqvist", location="Uppsala", years="11"),
        Person("haruka88", "ja", name="中村 遥", location="北海道富良野市", years="3"),
        Person("OldDrone", "en", name="Walter Prentiss", location="Asheville", years="40",
               about="Retired. The bees are not."),
        Person("beginner_bea", "en", BASIC, name="Bea Collins", location="Cork", years="1"),
        Person("蜜柑", "ja", name="山本 かおり", location="愛媛県八幡浜市", years="7"),
        Person("loud_salesman", "en", BASIC, CONFIRMED | BLOCKED, location="Nowhere"),
        Person("not_confirmed", "en", BASIC, 0),
        Person("quiet_reader", "en", BASIC, CONFIRMED | NO_MESSAGES | NO_WALL),
        Person("Zoë", "en", name="Zoë van Houten", location="Utrecht", years="8"),
        Person("kenji_h", "ja", name="平野 健司", location="宮崎県椎葉村", years="20"),
        Person("heathermoor", "en", name="Callum Reid", location="Aberfeldy", years="15"),
        Person("分蜂待ち", "ja", name="", location="千葉県いすみ市", years="2"),
        Person("propolis_pam", "en", name="Pamela Osei", location="Kumasi", years="10"),
        Person("Łukasz", "en", name="Łukasz Zieliński", location="Lublin", years="13"),
        Person("yuki_bee", "ja", name="雪村 直美", location="秋田県湯沢市", years="6"),
        Person("roof_hives", "en", name="Sam Okafor", location="Rotterdam", years="3"),
        Person("岬の養蜂家", "ja", name="大島 浩", location="和歌山県串本町", years="28"),
        Person("cloverfield", "en", name="June Abbott", location="Dunedin", years="17"),
    ]  # fmt: skip


FIRST = [
    "amy",
    "ben",
    "carol",
    "dave",
    "ella",
    "finn",
    "gwen",
    "hugh",
    "iris",
    "jack",
    "kate",
    "liam",
    "maud",
    "nell",
    "otto",
    "peg",
    "quinn",
    "ruth",
    "seth",
    "tess",
    "uma",
    "vera",
    "will",
    "xena",
    "yves",
    "zack",
]
NOUNS = [
    "bee",
    "hive",
    "comb",
    "apiary",
    "swarm",
    "clover",
    "nectar",
    "meadow",
    "heath",
    "lime",
    "orchard",
    "willow",
]
FIRST_JA = [
    "akira",
    "emi",
    "hiro",
    "jun",
    "kaz",
    "mai",
    "nao",
    "rei",
    "sho",
    "taku",
    "yui",
    "ayumi",
    "daichi",
    "sakura",
]
KANJI = ["蜂", "蜜", "花", "里", "森", "山", "川", "野", "春", "桜", "梅", "桃", "杉", "空", "風"]
ENDINGS = ["の庭", "農園", "さん", "好き", "日和", "便り", "の里"]


@dataclass
class Community:
    """Everybody, in order of arrival, so that those who are here at a time are a slice."""

    people: list[Person]
    by_language: dict[str, list[Person]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for language in ("en", "ja"):
            self.by_language[language] = [p for p in self.people if p.language == language]


def community(rng: Random, *, size: int, span: int) -> Community:
    """`size` people (never fewer than the named ones), arriving over `span` seconds."""
    people = named()
    handles = {person.handle.casefold() for person in people}
    while len(people) < size:
        person = _somebody(rng, number=len(people) + 1)
        if person.handle.casefold() not in handles:
            handles.add(person.handle.casefold())
            people.append(person)
    founders = len(named())
    later = sorted(rng.randrange(span * 96 // 100) for _ in people[founders:])
    times = [number * 3700 for number in range(founders)] + [t + founders * 3700 for t in later]
    for number, (person, created) in enumerate(zip(people, times, strict=True), start=1):
        person.id, person.created = number, created
    return Community(people)


def _somebody(rng: Random, *, number: int) -> Person:
    level = APPROVED if rng.random() < 0.7 else BASIC
    flags = CONFIRMED if rng.random() < 0.9 else 0
    if rng.random() < 0.35:
        handle = (
            f"{rng.choice(KANJI)}{rng.choice(ENDINGS)}{number}"
            if rng.random() < 0.4
            else f"{rng.choice(FIRST_JA)}_{number}"
        )
        return Person(handle, "ja", level, flags)
    return Person(f"{rng.choice(FIRST)}_{rng.choice(NOUNS)}{number}", "en", level, flags)
