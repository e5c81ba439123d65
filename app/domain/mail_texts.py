"""What mails say, in the languages that the site may have (option `site_language`)."""

from enum import Enum
from typing import NamedTuple

from app.domain.options import Options


class MailKind(Enum):
    """What a mail is about; the values are how the outbox names it."""

    ANSWERED = "answered"
    COMMENTED = "commented"
    COMMENTED_TOO = "commented too"
    FOLLOWED_UP = "followed up"
    ACCEPTED = "accepted"
    ASKED = "asked"
    QUEUED = "queued"
    WALL_POST = "wall post"
    MESSAGE = "message"
    CONFIRM = "confirm"
    REGISTERED = "registered"
    WELCOME = "welcome"


class MailText(NamedTuple):
    """A subject and a first sentence, with places for `by`, a name, and `title`."""

    subject: str
    sentence: str


ENGLISH = {
    MailKind.ANSWERED: MailText("New answer: {title}", "{by} has answered your question."),
    MailKind.COMMENTED: MailText("New comment: {title}", "{by} has commented on your post."),
    MailKind.COMMENTED_TOO: MailText(
        "New comment: {title}", "{by} has commented after you on the same post."
    ),
    MailKind.FOLLOWED_UP: MailText(
        "New question: {title}", "{by} has asked a question that follows on from your answer."
    ),
    MailKind.ACCEPTED: MailText(
        "Best answer: {title}", "{by} has chosen your answer as the best one."
    ),
    MailKind.ASKED: MailText("New question: {title}", "{by} has asked a question."),
    MailKind.QUEUED: MailText(
        "To be moderated: {title}", "{by} has written something that waits for a moderator."
    ),
    MailKind.WALL_POST: MailText("New post on your wall", "{by} has written on your wall."),
    MailKind.MESSAGE: MailText("Message from {by}", "{by} has sent you a message."),
    MailKind.CONFIRM: MailText(
        "Confirm your e-mail address",
        "{by}, open this page to confirm that this address is yours. If you have never been here, "
        "forget about this mail.",
    ),
    MailKind.REGISTERED: MailText("New member: {by}", "{by} has joined."),
    MailKind.WELCOME: MailText(
        "Welcome",
        "Welcome, {by}! Your account is ready: now you can ask, answer and vote.",
    ),
}
JAPANESE = {
    MailKind.ANSWERED: MailText("新しい回答: {title}", "{by} さんがあなたの質問に回答しました。"),
    MailKind.COMMENTED: MailText(
        "新しいコメント: {title}", "{by} さんがあなたの投稿にコメントしました。"
    ),
    MailKind.COMMENTED_TOO: MailText(
        "新しいコメント: {title}",
        "あなたがコメントした投稿に {by} さんもコメントしました。",
    ),
    MailKind.FOLLOWED_UP: MailText(
        "新しい質問: {title}", "{by} さんがあなたの回答に関連する質問をしました。"
    ),
    MailKind.ACCEPTED: MailText(
        "ベストアンサー: {title}", "{by} さんがあなたの回答をベストアンサーに選びました。"
    ),
    MailKind.ASKED: MailText("新しい質問: {title}", "{by} さんが質問しました。"),
    MailKind.QUEUED: MailText("承認待ち: {title}", "{by} さんの投稿が承認を待っています。"),
    MailKind.WALL_POST: MailText(
        "ウォールへの新しい投稿", "{by} さんがあなたのウォールに投稿しました。"
    ),
    MailKind.MESSAGE: MailText(
        "{by} さんからのメッセージ", "{by} さんからメッセージが届きました。"
    ),
    MailKind.CONFIRM: MailText(
        "メールアドレスの確認",
        "{by} さん、次のページを開いてメールアドレスを確認してください。"
        "お心当たりのない場合は、このメールを破棄してください。",
    ),
    MailKind.REGISTERED: MailText("新しいメンバー: {by}", "{by} さんが登録しました。"),
    MailKind.WELCOME: MailText(
        "ようこそ",
        "{by} さん、ようこそ。アカウントの準備ができました。質問、回答、投票をお楽しみください。",
    ),
}


def is_japanese(options: Options) -> bool:
    return options.site_language.startswith("ja")


def text_of(options: Options, kind: MailKind) -> MailText:
    """What a mail of this kind says in the language of the site."""
    return (JAPANESE if is_japanese(options) else ENGLISH)[kind]


def nobody(options: Options) -> str:
    """What somebody without a name is called."""
    return "匿名" if is_japanese(options) else "Somebody"
