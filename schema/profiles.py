"""Profiles: what users tell about themselves, and the figures that their points are made of."""

from typing import Self

import strawberry

from app.domain.profiles import Figures, FilledField


@strawberry.type(description="A field of a profile that somebody has filled in.")
class ProfileField:
    name: str = strawberry.field(description="What names the field on this site.")
    label: str = strawberry.field(description="What people call it.")
    value: str = strawberry.field(description="What was filled in, as plain text.")
    is_multi_line: bool = strawberry.field(description="Whether line breaks count.")
    is_link: bool = strawberry.field(
        description="Whether the value is an address to be linked; check it before you do."
    )

    @classmethod
    def of(cls, field: FilledField) -> Self:
        return cls(
            name=field.name,
            label=field.label,
            value=field.value,
            is_multi_line=field.is_multi_line,
            is_link=field.is_link,
        )


@strawberry.type(description="What a user has done, and what others made of it.")
class UserCounts:
    questions: int = strawberry.field(description="Visible questions.")
    answers: int = strawberry.field(description="Visible answers, also to hidden questions.")
    comments: int = strawberry.field(description="Visible comments, also below hidden posts.")
    accepted_answers: int = strawberry.field(
        description="Their answers that others chose as the best."
    )
    accepted_by_user: int = strawberry.field(
        description="Their questions for which they chose an answer."
    )
    question_upvotes_given: int = strawberry.field(description="Votes up on questions.")
    question_downvotes_given: int = strawberry.field(description="Votes down on questions.")
    answer_upvotes_given: int = strawberry.field(description="Votes up on answers.")
    answer_downvotes_given: int = strawberry.field(description="Votes down on answers.")
    comment_upvotes_given: int = strawberry.field(description="Votes up on comments.")
    comment_downvotes_given: int = strawberry.field(description="Votes down on comments.")
    upvotes_received: int = strawberry.field(description="Votes up on everything they wrote.")
    downvotes_received: int = strawberry.field(description="Votes down on everything they wrote.")
    bonus: int = strawberry.field(description="Points that an administrator has added.")

    @strawberry.field(description="Votes up on posts of every kind.")
    def upvotes_given(self) -> int:
        by_kind = (self.question_upvotes_given, self.answer_upvotes_given)
        return sum(by_kind) + self.comment_upvotes_given

    @strawberry.field(description="Votes down on posts of every kind.")
    def downvotes_given(self) -> int:
        by_kind = (self.question_downvotes_given, self.answer_downvotes_given)
        return sum(by_kind) + self.comment_downvotes_given

    @classmethod
    def of(cls, figures: Figures) -> Self:
        return cls(
            questions=figures.question_count,
            answers=figures.answer_count,
            comments=figures.comment_count,
            accepted_answers=figures.accepted_answer_count,
            accepted_by_user=figures.accepted_by_user_count,
            question_upvotes_given=figures.question_upvotes_given,
            question_downvotes_given=figures.question_downvotes_given,
            answer_upvotes_given=figures.answer_upvotes_given,
            answer_downvotes_given=figures.answer_downvotes_given,
            comment_upvotes_given=figures.comment_upvotes_given,
            comment_downvotes_given=figures.comment_downvotes_given,
            upvotes_received=figures.upvotes_received,
            downvotes_received=figures.downvotes_received,
            bonus=figures.bonus,
        )
