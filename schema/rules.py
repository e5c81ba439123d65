"""The rules of the site: what its owner allows, asks for and shows."""

from enum import Enum
from typing import Self

import strawberry

from app.domain import pictures, uploading
from app.domain.options import Options
from app.domain.permits import ANYBODY, Permit, value_of
from app.domain.uploads import UploadPurpose
from schema.enums import expose


class TagSeparator(Enum):
    BLANK = " "
    COMMA = ","


expose(
    TagSeparator,
    description="What stands between two tags.",
    values={
        TagSeparator.BLANK: "A blank, or punctuation: tags are single words.",
        TagSeparator.COMMA: "A comma: tags may have blanks in them.",
    },
)


@strawberry.type(description="What a question has to be like.")
class AskRules:
    guests_may: bool = strawberry.field(description="Whether asking needs no account.")
    min_title_length: int = strawberry.field(description="Fewest characters of a title.")
    max_title_length: int = strawberry.field(description="Most characters of a title.")
    min_content_length: int = strawberry.field(
        description="Fewest characters of a content, as plain text."
    )
    min_tag_count: int = strawberry.field(description="Fewest tags.")
    max_tag_count: int = strawberry.field(description="Most tags.")
    tag_separator: TagSeparator = strawberry.field(description="What stands between two tags.")
    category_is_optional: bool = strawberry.field(
        description="Whether a question may be in no category."
    )
    subcategory_is_optional: bool = strawberry.field(
        description="Whether a question may be in a category that has others below it."
    )
    extra_field_label: str | None = strawberry.field(
        description="What the extra field is called on question pages; null where it is not shown."
    )
    extra_field_prompt: str | None = strawberry.field(
        description="What those who ask are asked for in the extra field; null where there is none."
    )
    shows_similar_questions: bool = strawberry.field(
        description="Whether those who ask are shown similar questions first."
    )
    suggests_tags: bool = strawberry.field(
        description="Whether those who ask are shown tags of similar questions."
    )
    completes_tags: bool = strawberry.field(
        description="Whether those who ask are shown tags that begin as the one being typed."
    )

    @classmethod
    def of(cls, options: Options) -> Self:
        active = options.extra_field_active
        return cls(
            guests_may=value_of(options, Permit.POST_Q) >= ANYBODY,
            min_title_length=options.min_len_q_title,
            max_title_length=options.max_len_q_title,
            min_content_length=options.min_len_q_content,
            min_tag_count=options.min_num_q_tags,
            max_tag_count=options.max_num_q_tags,
            tag_separator=TagSeparator.COMMA if options.tag_separator_comma else TagSeparator.BLANK,
            category_is_optional=options.allow_no_category,
            subcategory_is_optional=options.allow_no_sub_category,
            extra_field_label=options.extra_field_label
            if active and options.extra_field_display
            else None,
            extra_field_prompt=options.extra_field_prompt if active else None,
            shows_similar_questions=options.do_ask_check_qs,
            suggests_tags=options.do_example_tags,
            completes_tags=options.do_complete_tags,
        )


@strawberry.type(description="What an answer has to be like.")
class AnswerRules:
    guests_may: bool = strawberry.field(description="Whether answering needs no account.")
    min_content_length: int = strawberry.field(
        description="Fewest characters of a content, as plain text."
    )
    allows_own_question: bool = strawberry.field(
        description="Whether people may answer their own questions."
    )
    allows_several: bool = strawberry.field(
        description="Whether people may answer a question more than once."
    )
    allows_follow_ups: bool = strawberry.field(
        description="Whether questions may be asked that follow on from an answer."
    )
    accepting_closes: bool = strawberry.field(
        description="Whether a question with an accepted answer takes no more answers."
    )

    @classmethod
    def of(cls, options: Options) -> Self:
        return cls(
            guests_may=value_of(options, Permit.POST_A) >= ANYBODY,
            min_content_length=options.min_len_a_content,
            allows_own_question=options.allow_self_answer,
            allows_several=options.allow_multi_answers,
            allows_follow_ups=options.follow_on_as,
            accepting_closes=options.do_close_on_select,
        )


@strawberry.type(description="What a comment has to be like.")
class CommentRules:
    guests_may: bool = strawberry.field(description="Whether commenting needs no account.")
    min_content_length: int = strawberry.field(
        description="Fewest characters of a content, as plain text."
    )
    on_questions: bool = strawberry.field(description="Whether questions take comments.")
    on_answers: bool = strawberry.field(description="Whether answers take comments.")
    fold_from: int = strawberry.field(
        description="From so many comments on a post, only the last are shown at first."
    )
    shown_when_folded: int = strawberry.field(description="How many are shown then.")

    @classmethod
    def of(cls, options: Options) -> Self:
        return cls(
            guests_may=value_of(options, Permit.POST_C) >= ANYBODY,
            min_content_length=options.min_len_c_content,
            on_questions=options.comment_on_qs,
            on_answers=options.comment_on_as,
            fold_from=options.show_fewer_cs_from,
            shown_when_folded=options.show_fewer_cs_count,
        )


@strawberry.type(description="What can be voted on, and how votes are shown.")
class VoteRules:
    on_questions: bool = strawberry.field(description="Whether questions can be voted on.")
    on_answers: bool = strawberry.field(description="Whether answers can be voted on.")
    on_comments: bool = strawberry.field(description="Whether comments can be voted on.")
    on_question_pages_only: bool = strawberry.field(
        description="Whether lists of questions have no buttons for voting."
    )
    are_shown_apart: bool = strawberry.field(
        description="Whether votes up and down are shown apart instead of the score."
    )
    flagging: bool = strawberry.field(description="Whether posts can be flagged.")
    flags_to_hide: int = strawberry.field(
        description="So many flags hide a post; 0 if flags alone never do."
    )

    @classmethod
    def of(cls, options: Options) -> Self:
        return cls(
            on_questions=options.voting_on_qs,
            on_answers=options.voting_on_as,
            on_comments=options.voting_on_cs,
            on_question_pages_only=options.voting_on_q_page_only,
            are_shown_apart=options.votes_separated,
            flagging=options.flagging_of_posts,
            flags_to_hide=max(options.flagging_hide_after, 0),
        )


@strawberry.type(description="What members may do and have to do.")
class MemberRules:
    registration_is_open: bool = strawberry.field(description="Whether new accounts can be made.")
    asks_for_confirmed_email: bool = strawberry.field(
        description="Whether new members are asked to confirm their e-mail addresses."
    )
    are_approved: bool = strawberry.field(description="Whether moderators approve new members.")
    allows_guest_names: bool = strawberry.field(
        description="Whether guests may give a name with what they write."
    )
    allows_renaming: bool = strawberry.field(
        description="Whether members may change the names that they go by."
    )
    allows_messages: bool = strawberry.field(
        description="Whether members may write private messages to each other."
    )
    allows_walls: bool = strawberry.field(description="Whether members have walls.")
    allows_avatar_uploads: bool = strawberry.field(
        description="Whether members may upload pictures of themselves."
    )
    allows_gravatars: bool = strawberry.field(
        description="Whether members may show their pictures from gravatar.com."
    )
    shows_points: bool = strawberry.field(description="Whether points stand beside names.")

    @classmethod
    def of(cls, options: Options) -> Self:
        return cls(
            registration_is_open=not options.suspend_register_users,
            asks_for_confirmed_email=options.confirm_user_emails,
            are_approved=options.moderate_users,
            allows_guest_names=options.allow_anonymous_naming,
            allows_renaming=options.allow_change_usernames,
            allows_messages=options.allow_private_messages,
            allows_walls=options.allow_user_walls,
            allows_avatar_uploads=options.avatar_allow_upload,
            allows_gravatars=options.avatar_allow_gravatar,
            shows_points=options.show_user_points,
        )


@strawberry.type(description="What pictures may be uploaded.")
class UploadRules:
    allows_pictures_in_contents: bool = strawberry.field(
        description="Whether pictures may be uploaded for what people write."
    )
    allows_avatars: bool = strawberry.field(
        description="Whether members may upload pictures of themselves."
    )
    max_content_bytes: int = strawberry.field(
        description="The most bytes of a picture for a content."
    )
    max_avatar_bytes: int = strawberry.field(description="The most bytes of an avatar.")
    content_types: list[str] = strawberry.field(description="The media types that are accepted.")

    @classmethod
    def of(cls, options: Options, *, limit: int) -> Self:
        content, avatar = (
            uploading.most_bytes(options, purpose, limit=limit)
            for purpose in (UploadPurpose.CONTENT, UploadPurpose.AVATAR)
        )
        return cls(
            allows_pictures_in_contents=options.wysiwyg_editor_upload_images,
            allows_avatars=options.avatar_allow_upload,
            max_content_bytes=content,
            max_avatar_bytes=avatar,
            content_types=list(pictures.MEDIA_TYPES),
        )


@strawberry.type(description="How much the pages of the site show at once.")
class PageSizes:
    activity: int = strawberry.field(description="Lines of activity.")
    home: int = strawberry.field(description="Lines of the home page.")
    questions: int = strawberry.field(description="Questions.")
    hot_questions: int = strawberry.field(description="Hot questions.")
    unanswered_questions: int = strawberry.field(description="Unanswered questions.")
    tagged_questions: int = strawberry.field(description="Questions with a tag.")
    related_questions: int = strawberry.field(description="Questions related to one.")
    similar_questions: int = strawberry.field(
        description="Similar questions that those who ask are shown."
    )
    answers: int = strawberry.field(description="Answers to a question.")
    search_hits: int = strawberry.field(description="Results of a search.")
    tags: int = strawberry.field(description="Tags.")
    users: int = strawberry.field(description="Users.")
    messages: int = strawberry.field(description="Private messages.")
    wall_posts: int = strawberry.field(description="Posts on a wall.")

    @classmethod
    def of(cls, options: Options) -> Self:
        return cls(
            activity=options.page_size_activity,
            home=options.page_size_home,
            questions=options.page_size_qs,
            hot_questions=options.page_size_hot_qs,
            unanswered_questions=options.page_size_una_qs,
            tagged_questions=options.page_size_tag_qs,
            related_questions=options.page_size_related_qs,
            similar_questions=options.page_size_ask_check_qs,
            answers=options.page_size_q_as,
            search_hits=options.page_size_search,
            tags=options.page_size_tags,
            users=options.page_size_users,
            messages=options.page_size_pms,
            wall_posts=options.page_size_wall,
        )
