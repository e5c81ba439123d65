"""A site that is being worked on, which is for administrators only (FACTS 20)."""

from app.db import Database
from tests.conftest import Api
from tests.meadow import add_user, expect_no_differences
from tests.mutations import CASES, Garden, add_garden
from tests.thread import FAILURE, id_of, perform

PAGE = """
    {
        site { isInMaintenance viewerCanAsk }
        questions(first: 100) { nodes { databaseId title viewerCanEdit viewerCanAnswer } }
    }
"""
CONTENT = "query ($id: Int!) { question(databaseId: $id) { content } }"


async def try_all(api: Api, garden: Garden) -> dict[str, str | None]:
    """What keeps the person of each case from doing it."""
    reasons = {}
    for mutation, case in CASES.items():
        name = mutation[0].upper() + mutation[1:]
        document = (
            f"mutation ($input: {name}Input!) {{ {mutation}(input: $input) {{ {FAILURE} }} }}"
        )
        who = case.identity(garden)
        data = await api.ask(
            document, viewer=who.user_id, guest=who.cookie_id, input=case.input(garden)
        )
        reasons[mutation] = data[mutation].get("reason")
    return reasons


async def test_nobody_but_administrators_changes_anything(api: Api, db: Database) -> None:
    garden = await add_garden(db, site_maintenance=1)

    reasons = await try_all(api, garden)

    assert reasons == dict.fromkeys(CASES, "SWITCHED_OFF")
    await expect_no_differences(db)


async def test_the_site_says_so_and_shows_no_contents(api: Api, db: Database) -> None:
    thread = (await add_garden(db, site_maintenance=1)).thread
    asker, id = thread.asker, thread.question

    page = await api.ask(PAGE, viewer=asker)
    refused = [await api.refused(CONTENT, viewer=viewer, id=id) for viewer in (asker, None)]

    assert page["site"] == {"isInMaintenance": True, "viewerCanAsk": False}
    [own] = [node for node in page["questions"]["nodes"] if node["databaseId"] == id]
    assert own["viewerCanEdit"] is own["viewerCanAnswer"] is False
    assert [error["extensions"]["reason"] for error in refused] == 2 * ["SWITCHED_OFF"]


async def test_administrators_go_on_working(api: Api, db: Database) -> None:
    thread = (await add_garden(db, site_maintenance=1)).thread
    async with db.begin() as connection:
        admin = await add_user(connection, level=100)

    content = await api.ask(CONTENT, viewer=admin, id=thread.question)
    edited = await perform(
        api,
        "editQuestion",
        "question { content }",
        who=admin,
        id=id_of("Question", thread.question),
        content="The hive is being painted at the moment.",
    )

    assert content["question"]["content"]
    assert edited["question"]["content"] == "The hive is being painted at the moment."
