//! `/api/graphql`, which tells clients that it is not there (docs/contract.md, "Files").

use serde::Serialize;
use utoipa::ToSchema;

use crate::operation::{self, Answer, Operation, WithoutCaller};
use crate::reply::{Reply, ok};

/// The answer to every query: `JReleaser` asks before it updates a release, and goes on without.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GraphQL)]
struct GraphQlBody {
    #[schema(min_items = 1, max_items = 1)]
    errors: [GraphQlError; 1],
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GraphQLError)]
struct GraphQlError {
    message: &'static str,
}

const NOT_AVAILABLE: GraphQlBody = GraphQlBody { errors: [GraphQlError { message: "GraphQL is not available" }] };

/// Returns the operation that answers queries.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        operation::post("/api/graphql", "Learn that there is no GraphQL", answer)
            .ignores_content_type()
            .answers(Answer::ok::<GraphQlBody>("There is no GraphQL.")),
    ]
}

async fn answer(asked: WithoutCaller) -> Reply {
    ok(&asked.incoming.request, &NOT_AVAILABLE)
}
