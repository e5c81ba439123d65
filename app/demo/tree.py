"""The demo site's categories: a tree of four levels, English and Japanese."""

from typing import NamedTuple

from app.domain.categories import CategoryRow

# Path of slugs, title, description. Siblings stand in the order of their positions.
TREE = (
    ("hives", "Hives and equipment", "Boxes, tools and everything made of wood."),
    ("hives/types", "Hive types", "Which hive, and how to run it."),
    ("hives/types/langstroth", "Langstroth", "Boxes with frames that can be exchanged."),
    ("hives/types/top-bar", "Top-bar and Warré", "Comb built freely under bars."),
    ("hives/tools", "Tools and clothing", "Smokers, suits and scales."),
    ("bees", "Bees and queens", "What happens inside the colony."),
    ("bees/queens", "Queens", "Finding, introducing and replacing them."),
    ("bees/queens/raising", "Raising queens", "Grafting, cells and mating boxes."),
    ("bees/swarming", "Swarming", "How to prevent it, and how to live with it."),
    ("bees/swarming/catching", "Catching swarms", "Bait hives, ladders and cardboard boxes."),
    ("health", "Health", "Parasites, diseases and predators."),
    ("health/parasites", "Parasites", "Mites, beetles and moths."),
    ("health/parasites/varroa", "Varroa", "Counting and fighting the mite."),
    ("health/parasites/varroa/treatments", "Treatments", "Acids, thymol and brood breaks."),
    ("health/diseases", "Diseases", "Brood diseases and what to do about them."),
    ("health/predators", "Predators", "Hornets, wasps, mice and robbers."),
    ("honey", "Honey and wax", "What the bees leave to us."),
    ("honey/harvest", "Harvest", "From the super to the jar."),
    ("honey/wax", "Wax and propolis", "Melting, pouring and cleaning."),
    ("seasons", "Through the year", "Forage, feeding and winter."),
    ("seasons/winter", "Wintering", "Stores, damp and cold."),
    ("seasons/forage", "Forage", "Plants, pollen and moving hives."),
    ("seasons/feeding", "Feeding", "Syrup, fondant and patties."),
    ("japanese", "日本語", "日本語の質問はこちらへどうぞ。"),
    ("japanese/nihon-mitsubachi", "ニホンミツバチ", "野生のミツバチを迎えて飼う。"),
    ("japanese/nihon-mitsubachi/jubako", "重箱式", "重箱式巣箱の作り方と使い方。"),
    ("japanese/nihon-mitsubachi/bunpou", "分蜂", "待ち箱と分蜂群の取り込み。"),
    ("japanese/seiyo-mitsubachi", "セイヨウミツバチ", "巣枠式の飼い方と病気の予防。"),
    ("japanese/byouki", "病気と天敵", "ダニ、スムシ、スズメバチ。"),
    ("japanese/byouki/suzumebachi", "スズメバチ", "見張り方と防ぎ方。"),
    ("japanese/hachimitsu", "蜂蜜", "採蜜から瓶詰めまで。"),
    ("japanese/hachimitsu/mitsurou", "蜜ろう", "精製と使い道。"),
    ("japanese/ettou", "越冬", "寒さと給餌。"),
    ("japanese/mitsugen", "蜜源植物", "庭と畑の花。"),
    ("meta", "About this site", "Questions about the site itself."),
)


class Place(NamedTuple):
    """Where a question stands: the four category columns of a post, by level (FACTS 14)."""

    category_id: int
    path: tuple[int | None, int | None, int | None]
    ids: tuple[int, ...]


def category_rows() -> list[CategoryRow]:
    """All categories, not counted yet; ids follow the order of the tree."""
    ids = {path: number for number, (path, _, _) in enumerate(TREE, start=1)}
    positions: dict[str, int] = {}
    rows = []
    for path, title, description in TREE:
        parent, _, slug = path.rpartition("/")
        positions[parent] = positions.get(parent, 0) + 1
        backwards = "/".join(reversed(path.split("/")))
        rows.append(
            CategoryRow(
                id=ids[path],
                parent_id=ids.get(parent),
                title=title,
                slug=slug,
                description=description,
                question_count=0,
                position=positions[parent],
                reversed_path=backwards,
            )
        )
    return rows


def places() -> dict[str, Place]:
    """The place of each category, by its path of slugs."""
    ids = {path: number for number, (path, _, _) in enumerate(TREE, start=1)}
    found = {}
    for path in ids:
        steps = path.split("/")
        above = tuple(ids["/".join(steps[: depth + 1])] for depth in range(len(steps)))
        first, second, third = [*above, None, None][:3]
        found[path] = Place(ids[path], (first, second, third), above)
    return found
