"""What the client of the runs sends: one document for each mutation, and those it reads with."""

from collections.abc import Mapping

FAILURE = """
    __typename
    ... on Error { message }
    ... on NotAllowed { reason }
    ... on Invalid { field }
"""
PERMISSIONS = """
    viewerCanUpvote viewerCanDownvote viewerCanFlag viewerCanUnflag viewerCanClearFlags
    viewerCanEdit viewerCanHide viewerCanReshow viewerCanDelete viewerCanModerate
    viewerCanComment viewerCanClaim viewerVote
    ... on Question {
        viewerCanAnswer viewerCanClose viewerCanReopen viewerCanRetag viewerCanAccept
    }
    ... on Answer { viewerCanAccept viewerCanConvert viewerCanFollowUp }
"""
# All that a post says of itself and of what it stands with; posts below it are named only.
POST = f"""
    fragment PostFields on Post {{
        __typename id score upvoteCount downvoteCount content contentFormat markdownSource
        createdAt lastChange {{ kind at isMentioned by {{ id }} }} version
        author {{ id handle points counts {{ questions answers comments upvotesReceived }} }}
        authorName state flagCount viewerHasFlagged viewerIsAuthor
        {PERMISSIONS}
        ... on Question {{
            title storedTitle slug url extra answerCount viewCount isClosed viewerHasFavorited
            tags {{ name questionCount }}
            category {{ path }}
            categoryPath {{ path }}
            acceptedAnswer {{ id }}
            closing {{ at note duplicateOf {{ id }} by {{ id }} }}
            followsAnswer {{ id }}
            answers {{ totalCount nodes {{ id isAccepted }} }}
            comments {{ totalCount nodes {{ id }} }}
        }}
        ... on Answer {{
            isAccepted
            question {{ id answerCount acceptedAnswer {{ id }} }}
            comments {{ nodes {{ id }} }}
            followUps {{ nodes {{ id }} }}
        }}
        ... on Comment {{ parent {{ id }} question {{ id }} }}
    }}
"""
READ = "query ($id: Int!) { post(databaseId: $id) { ...PostFields } }" + POST
MAY = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Post {{ {PERMISSIONS} }} }} }}"
REVISIONS = "query ($id: ID!) { node(id: $id) { ... on Post { revisions { nodes { id } } } } }"
MAY_ASK = "{ site { viewerCanAsk } }"
USER = """
    query ($id: ID!) {
        node(id: $id) {
            ... on User { viewerCanPostOnWall viewerCanMessage viewerHasFavorited }
            ... on Question { viewerHasFavorited }
            ... on Tag { viewerHasFavorited }
            ... on Category { viewerHasFavorited }
        }
    }
"""
TAG = "query ($name: String!) { tag(name: $name) { id } }"
WALL_POSTS = """
    query ($id: ID!) {
        node(id: $id) { ... on User { wall { nodes { databaseId viewerCanDelete } } } }
    }
"""
VIEWER = """
    viewer {
        email emailConfirmed acceptsMessages acceptsWallPosts acceptsMailings
        user { id handle points profile { name value } } notices { databaseId }
    }
"""
READ_VIEWER = f"{{ {VIEWER} }}"
# A site as somebody sees it. Without searches: q2a's reindexing drops closing notes (FACTS 22.10).
PORTRAIT = """
    fragment Line on Question {
        id title score answerCount viewCount isClosed tags { name questionCount } author { points }
    }
    {
        site { questionCount answerCount commentCount userCount tagCount
            unansweredCount unacceptedCount unupvotedCount }
        newest: questions(first: 50) { totalCount nodes { ...Line } }
        hot: questions(first: 50, orderBy: HOT) { nodes { ...Line } }
        votes: questions(first: 50, orderBy: VOTES) { nodes { id } }
        open: questions(first: 50, unanswered: NO_UPVOTED) { nodes { id } }
        hives: questions(first: 50, category: "hives") { nodes { id } }
        swarm: questions(first: 50, tag: "swarm") { nodes { id related { nodes { id } } } }
        activity(first: 50) { nodes { kind at post { id } } }
        tags(first: 50) { nodes { name questionCount } }
        users(first: 50) { nodes { handle points rank counts { upvotesReceived questions } } }
        moderationQueue { nodes { id } }
        flaggedPosts { nodes { id } }
        hiddenPosts { nodes { id } }
        viewer { updates(first: 50) { nodes { kind at question { id } post { id } } } }
    }
"""
# What each mutation gives back when it succeeds. Whoever adds a mutation adds it here, and a rule
# of the machine that performs it.
PAYLOADS: Mapping[str, str] = {
    "askQuestion": "question { ...PostFields } isQueued",
    "answerQuestion": "answer { ...PostFields } isQueued",
    "addComment": "comment { ...PostFields } isQueued",
    "editQuestion": "question { ...PostFields }",
    "editAnswer": "answer { ...PostFields }",
    "editComment": "comment { ...PostFields }",
    "rollbackTo": "post { ...PostFields }",
    "claimPost": "post { ...PostFields }",
    "castVote": "post { ...PostFields }",
    "flagPost": "post { ...PostFields }",
    "unflagPost": "post { ...PostFields }",
    "clearFlags": "post { ...PostFields }",
    "favorite": "subject { ... on Question { viewerHasFavorited } }",
    "unfavorite": "subject { ... on Question { viewerHasFavorited } }",
    "recordView": "isCounted question { ...PostFields }",
    "updateProfile": VIEWER,
    "postOnWall": "wallPost { databaseId viewerCanDelete author { id } }",
    "deleteWallPost": "user { wall { nodes { databaseId } } }",
    "sendMessage": "privateMessage { databaseId content }",
    "dismissNotice": VIEWER,
    "requestUpload": "uploadId url fields { name value }",
    "confirmUpload": "upload { id width }",
    "setAvatar": VIEWER,
    "acceptAnswer": """
        answer { ...PostFields } question { ...PostFields } formerAnswer { ...PostFields }
    """,
    "unacceptAnswer": "question { ...PostFields } formerAnswer { ...PostFields }",
    "closeQuestion": "question { ...PostFields }",
    "reopenQuestion": "question { ...PostFields }",
    "hidePost": "post { ...PostFields }",
    "reshowPost": "post { ...PostFields } isQueued",
    "deletePost": "deletedId parent { ...PostFields }",
    "convertAnswerToComment": "comment { ...PostFields } question { ...PostFields }",
    "approvePost": "post { ...PostFields }",
    "rejectPost": "post { ...PostFields }",
}


def _document(mutation: str, payload: str) -> str:
    name = mutation[0].upper() + mutation[1:]
    fragment = POST if "PostFields" in payload else ""
    return f"""
        mutation ($input: {name}Input!) {{
            result: {mutation}(input: $input) {{ {FAILURE} ... on {name}Success {{ {payload} }} }}
        }}
        {fragment}
    """


DOCUMENTS = {mutation: _document(mutation, payload) for mutation, payload in PAYLOADS.items()}
