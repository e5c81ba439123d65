"""q2a's options: text in a table, with a default where absent (FACTS 1 and 18), here with types.

Option names are q2a's own: owners know them from the admin pages.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Generic, TypeVar, overload

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.models import Option

LEADING_NUMBER = re.compile(r"\s*([+-]?\d+)")
Value = TypeVar("Value")


@lru_cache(maxsize=1000)
def number_of(text: str) -> int:
    """The whole number that a text begins with, as q2a reads options; 0 where there is none."""
    match = LEADING_NUMBER.match(text)
    return int(match[1]) if match else 0


class _Option(Generic[Value]):
    """An option under the attribute's name. The parsed value is kept on the `Options` object."""

    def __init__(self, default: Value, *, instead: str = "") -> None:
        self.default = default
        self.instead = instead

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def parse(self, text: str) -> Value:
        raise NotImplementedError

    @overload
    def __get__(self, options: None, owner: type) -> "_Option[Value]": ...
    @overload
    def __get__(self, options: "Options", owner: type) -> Value: ...
    def __get__(self, options: "Options | None", owner: type) -> "Value | _Option[Value]":
        if options is None:
            return self
        text = options.texts.get(self.name)
        if text is None:
            # The older option that this one has replaced gives the default.
            text = options.texts.get(self.instead)
        value = self.default if text is None else self.parse(text)
        options.__dict__[self.name] = value
        return value


class Flag(_Option[bool]):
    def __init__(self, *, default: bool = False) -> None:
        super().__init__(default)

    def parse(self, text: str) -> bool:
        return text not in ("", "0")


class Number(_Option[int]):
    def parse(self, text: str) -> int:
        return number_of(text)


class Text(_Option[str]):
    def __init__(self, default: str = "") -> None:
        super().__init__(default)

    def parse(self, text: str) -> str:
        return text


class Options:
    """One snapshot of the options; attributes are parsed when first asked for."""

    # Lists
    page_size_activity = Number(20)
    page_size_ask_check_qs = Number(5)
    page_size_ask_tags = Number(5)
    page_size_home = Number(20)
    page_size_hot_qs = Number(20)
    page_size_pms = Number(10)
    page_size_q_as = Number(10)
    page_size_qs = Number(20)
    page_size_related_qs = Number(5)
    page_size_search = Number(10)
    page_size_tag_qs = Number(20)
    page_size_tags = Number(30)
    page_size_una_qs = Number(20)
    page_size_users = Number(30)
    page_size_wall = Number(10)
    show_fewer_cs_count = Number(5)
    show_fewer_cs_from = Number(10)
    show_selected_first = Flag(default=True)
    sort_answers_by = Text("created")

    # Posts
    allow_anonymous_naming = Flag(default=True)
    allow_close_own_questions = Flag(default=True)
    allow_close_questions = Flag(default=True)
    allow_login_email_only = Flag()
    allow_multi_answers = Flag(default=True)
    allow_no_category = Flag()
    allow_no_sub_category = Flag()
    allow_self_answer = Flag(default=True)
    block_bad_words = Text()
    block_ips_write = Text()
    comment_on_as = Flag(default=True)
    comment_on_qs = Flag()
    do_ask_check_qs = Flag()
    do_close_on_select = Flag()
    do_complete_tags = Flag(default=True)
    do_count_q_views = Flag(default=True)
    do_example_tags = Flag(default=True)
    extra_field_active = Flag()
    extra_field_display = Flag()
    extra_field_label = Text()
    extra_field_prompt = Text()
    flagging_hide_after = Number(5)
    flagging_notify_every = Number(2)
    flagging_notify_first = Number(1)
    flagging_of_posts = Flag(default=True)
    follow_on_as = Flag(default=True)
    links_in_new_window = Flag()
    match_ask_check_qs = Number(3)
    match_example_tags = Number(3)
    match_related_qs = Number(3)
    max_len_q_title = Number(120)
    max_num_q_tags = Number(5)
    min_len_a_content = Number(12)
    min_len_c_content = Number(12)
    min_len_q_content = Number(0)
    min_len_q_title = Number(12)
    min_num_q_tags = Number(0)
    moderate_anon_post = Flag()
    moderate_by_points = Flag()
    moderate_edited_again = Flag()
    moderate_notify_admin = Flag(default=True)
    moderate_points_limit = Number(150)
    moderate_unapproved = Flag()
    moderate_unconfirmed = Flag()
    moderate_update_time = Flag(default=True)
    moderate_users = Flag()
    neat_urls = Number(5)
    notify_admin_q_post = Flag()
    notify_users_default = Flag(default=True)
    q_urls_remove_accents = Flag()
    q_urls_title_length = Number(50)
    show_full_date_days = Number(7)
    show_post_update_meta = Flag(default=True)
    show_url_links = Flag(default=True)
    show_view_count_q_page = Flag()
    show_view_counts = Flag()
    show_when_created = Flag(default=True)
    tag_separator_comma = Flag()
    tags_or_categories = Text("tc")
    votes_separated = Flag()
    voting_on_as = Flag(default=True)
    voting_on_cs = Flag()
    voting_on_q_page_only = Flag()
    voting_on_qs = Flag(default=True)

    # Limits
    max_rate_ip_as = Number(50)
    max_rate_ip_cs = Number(40)
    max_rate_ip_flags = Number(10)
    max_rate_ip_logins = Number(20)
    max_rate_ip_messages = Number(10)
    max_rate_ip_qs = Number(20)
    max_rate_ip_registers = Number(5)
    max_rate_ip_uploads = Number(20)
    max_rate_ip_votes = Number(600)
    max_rate_user_as = Number(25)
    max_rate_user_cs = Number(20)
    max_rate_user_flags = Number(5)
    max_rate_user_messages = Number(5)
    max_rate_user_qs = Number(10)
    max_rate_user_uploads = Number(10)
    max_rate_user_votes = Number(300)

    # What q2a's editor lets people upload
    wysiwyg_editor_upload_images = Flag()
    wysiwyg_editor_upload_max_size = Number(1_048_576)

    # Hotness
    hot_weight_a_age = Number(100)
    hot_weight_answers = Number(100)
    hot_weight_q_age = Number(100)
    hot_weight_views = Number(100)
    hot_weight_votes = Number(100)
    recalc_hotness_q_view = Flag(default=True)

    # Updates
    max_copy_user_updates = Number(10)
    max_store_user_updates = Number(50)

    # People
    allow_change_usernames = Flag(default=True)
    allow_private_messages = Flag(default=True)
    allow_user_walls = Flag(default=True)
    allow_view_q_bots = Flag(default=True)
    avatar_allow_gravatar = Flag(default=True)
    avatar_allow_upload = Flag(default=True)
    avatar_default_blobid = Text()
    avatar_default_show = Flag()
    avatar_message_list_size = Number(20)
    avatar_profile_size = Number(200)
    avatar_q_list_size = Number(0)
    avatar_q_page_a_size = Number(40)
    avatar_q_page_c_size = Number(20)
    avatar_q_page_q_size = Number(50)
    avatar_store_size = Number(400)
    avatar_users_size = Number(30)
    confirm_user_emails = Flag(default=True)
    confirm_user_required = Flag()
    register_notify_admin = Flag()
    show_custom_welcome = Flag()
    show_message_history = Flag(default=True)
    show_notice_welcome = Flag()
    show_register_terms = Flag()
    show_user_points = Flag(default=True)
    show_user_titles = Flag(default=True)
    suspend_register_users = Flag()

    # Points (FACTS 5)
    points_a_selected = Number(30)
    points_a_voted_max_gain = Number(20)
    points_a_voted_max_loss = Number(5)
    points_base = Number(100)
    points_c_voted_max_gain = Number(10)
    points_c_voted_max_loss = Number(3)
    points_multiple = Number(10)
    points_per_c_voted_down = Number(0)
    points_per_c_voted_up = Number(0)
    points_post_a = Number(4)
    points_post_q = Number(2)
    points_q_voted_max_gain = Number(10)
    points_q_voted_max_loss = Number(3)
    points_select_a = Number(3)
    points_per_q_voted_up = Number(1)
    points_per_q_voted_down = Number(1)
    points_per_a_voted_up = Number(2)
    points_per_a_voted_down = Number(2)
    points_vote_up_q = Number(1, instead="points_vote_on_q")
    points_vote_down_q = Number(1, instead="points_vote_on_q")
    points_vote_up_a = Number(1, instead="points_vote_on_a")
    points_vote_down_a = Number(1, instead="points_vote_on_a")

    # Mail
    smtp_active = Flag()
    smtp_address = Text()
    smtp_authenticate = Flag()
    smtp_password = Text()
    smtp_port = Number(25)
    smtp_secure = Text()
    smtp_username = Text()

    # The site
    custom_home_heading = Text()
    enabled_plugins = Text()
    feedback_email = Text()
    from_email = Text()
    home_description = Text()
    logo_url = Text()
    points_to_titles = Text()
    show_compact_numbers = Flag(default=True)
    site_language = Text()
    site_maintenance = Flag()
    site_text_direction = Text("ltr")
    site_title = Text()
    site_url = Text()

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts

    @property
    def uses_tags(self) -> bool:
        return "t" in self.tags_or_categories

    @property
    def uses_categories(self) -> bool:
        return "c" in self.tags_or_categories


async def load(connection: AsyncConnection) -> Options:
    """Read all options in one statement."""
    rows = await connection.execute(select(Option.name, Option.value))
    return Options(dict(rows.all()))
