"""The queries that the explorer offers to begin with."""

from app.endpoint.graphiql import ReadyQuery

NEWEST_QUESTIONS = """query NewestQuestions($first: Int!) {
  questions(first: $first, orderBy: NEWEST) {
    nodes {
      databaseId
      title
      excerpt
      createdAt
      score
      answerCount
      tags { name }
      category { title }
      author { handle points }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
QUESTION_PAGE = """query QuestionPage($id: Int!) {
  question(databaseId: $id) {
    title
    contentHtml
    viewCount
    author { handle title avatarUrl(size: 50) }
    comments(first: 10) { nodes { content author { handle } } }
    answers(first: 10) {
      totalCount
      nodes {
        contentHtml
        score
        isAccepted
        author { handle points }
        comments(first: 5) { nodes { content author { handle } } }
      }
    }
  }
}
"""
TOP_USERS = """query TopUsers {
  users(first: 10, orderBy: POINTS) {
    nodes { handle rank points level avatarUrl(size: 30) }
  }
}
"""
SEARCH = """query Search($query: String!) {
  search(query: $query, first: 10) {
    nodes { score question { databaseId title answerCount } }
  }
}
"""
SITE = """query Site {
  site { title url questionCount answerCount commentCount userCount }
  categories { title path questionCount }
  tags(first: 20, orderBy: POPULAR) { nodes { name questionCount } }
}
"""

EXAMPLES = (
    ReadyQuery("The newest questions", NEWEST_QUESTIONS, {"first": 10}),
    ReadyQuery("A question with its answers and comments", QUESTION_PAGE, {"id": 1}),
    ReadyQuery("Who has the most points", TOP_USERS),
    ReadyQuery("Search", SEARCH, {"query": "bee"}),
    ReadyQuery("The site, its categories and tags", SITE),
)
