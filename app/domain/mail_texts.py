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
    FLAGGED = "flagged"
    HIDDEN_BY_FLAGS = "hidden by flags"
    WALL_POST = "wall post"
    MESSAGE = "message"
    CONFIRM = "confirm"
    REGISTERED = "registered"
    WELCOME = "welcome"
    DIGEST = "digest"


class MailText(NamedTuple):
    """A subject and a first sentence, with places for `by`, a name, `title`, and `count`."""

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
    MailKind.FLAGGED: MailText("Flagged: {title}", "This post has {count} flags by now."),
    MailKind.HIDDEN_BY_FLAGS: MailText(
        "Hidden by flags: {title}", "This post has {count} flags by now, which have hidden it."
    ),
    MailKind.WALL_POST: MailText("New post on your wall", "{by} has written on your wall."),
    MailKind.MESSAGE: MailText("Message from {by}", "{by} has sent you a message."),
    MailKind.CONFIRM: MailText(
        "Confirm your e-mail address",
        "{by}, open this page to confirm that this address is yours. If you have never been here, "
        "forget about this mail.",
    ),
    MailKind.REGISTERED: MailText("New member: {by}", "{by} has joined."),
    MailKind.DIGEST: MailText(
        "The best questions of the week", "New questions: {count}. The best of them:"
    ),
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
    MailKind.FLAGGED: MailText(
        "通報された投稿: {title}", "この投稿はこれまでに {count} 件の通報を受けています。"
    ),
    MailKind.HIDDEN_BY_FLAGS: MailText(
        "通報により非表示: {title}",
        "この投稿はこれまでに {count} 件の通報を受け、非表示になりました。",
    ),
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
    MailKind.DIGEST: MailText(
        "今週の注目の質問", "新しい質問が {count} 件ありました。注目の質問は次のとおりです。"
    ),
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


def figures_text(options: Options, *, score: int, answers: int) -> str:
    """How a question stands, in a digest."""
    if is_japanese(options):
        return f"評価 {score}、回答 {answers} 件"
    return f"score {score}, {answers} answer{'' if answers == 1 else 's'}"


def unsubscribe_text(options: Options) -> str:
    """The last paragraph of a mail that can be switched off, with a place for `link`."""
    if is_japanese(options):
        return "この種類のメールを停止する: {link}"
    return "No more mails of this kind: {link}"


class UnsubscribePage(NamedTuple):
    """What the page behind such a link says; `topics` are by the values of `MailTopic`."""

    language: str
    question: str
    button: str
    done: str
    unknown: str
    topics: dict[str, str]


_ENGLISH_PAGE = UnsubscribePage(
    language="en",
    question="Do you want no more mails about {topic}?",
    button="No more mails",
    done="You will get no more mails of this kind. You can have them again in your profile.",
    unknown="This link is not complete, or works no more.",
    topics={
        "posts": "what others do with your posts",
        "wall": "what others write on your wall",
        "messages": "messages that others send you",
        "digests": "what is new",
        "mailings": "what the site writes to all",
    },
)
_JAPANESE_PAGE = UnsubscribePage(
    language="ja",
    question="{topic}についてのメールを停止しますか。",
    button="メールを停止する",
    done="この種類のメールを停止しました。プロフィールで再開できます。",
    unknown="このリンクは不完全か、すでに無効です。",
    topics={
        "posts": "あなたの投稿への反応",
        "wall": "あなたのウォールへの投稿",
        "messages": "あなたへのメッセージ",
        "digests": "新着情報",
        "mailings": "サイトからのお知らせ",
    },
)


def unsubscribe_page(options: Options) -> UnsubscribePage:
    """The page in the language of the site."""
    return _JAPANESE_PAGE if is_japanese(options) else _ENGLISH_PAGE
