//! Repeats a request's query in an answer: in `Link`, and in the target of a redirect.

use crate::credentials::is_credential;
use crate::params::{Allowance, from_form};

/// Returns a query as it was sent, without credentials and without the parameters in `dropped`.
///
/// The names are decoded by the parser that reads parameters, so no spelling is a credential there and passes here.
pub(crate) fn without_credentials(query: &str, dropped: &[&str]) -> String {
    let is_kept = |pair: &&str| {
        from_form(pair.as_bytes(), &mut Allowance::default()).is_ok_and(|params| {
            let mut names = params.names().peekable();
            names.peek().is_some() && names.all(|name| !dropped.contains(&name) && !is_credential(name))
        })
    };
    query.split('&').filter(is_kept).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderMap;
    use proptest::prelude::*;

    use super::*;
    use crate::credentials::presented;
    use crate::params::tests::from_form;

    #[test]
    fn a_credential_is_left_out_however_its_name_is_spelled() {
        for name in [
            "private_token",
            "access_token",
            "job_token",
            "private_token]",
            "[private_token",
            "[private_token]",
            "[]private_token",
            "]]private_token",
            "%5Bprivate_token%5D",
            "private%5Ftoken]",
            "%70rivate_token]]",
            "private_token[",
            "private_token[]",
            "private_token[a][b]",
            "private_token][a]",
            "Private_Token",
            "ACCESS_TOKEN]",
        ] {
            assert_eq!(without_credentials(&format!("a=1&{name}=T&b[c]=2"), &[]), "a=1&b[c]=2", "{name}");
            assert_eq!(without_credentials(name, &[]), "", "{name}");
        }
    }

    #[test]
    fn what_only_looks_like_a_credential_stays() {
        let query = "a[private_token]=1&private_token_2=2&xprivate_token=3&token=4&a=private_token";
        assert_eq!(without_credentials(query, &[]), query);
    }

    #[test]
    fn dropped_parameters_are_matched_by_their_decoded_names() {
        assert_eq!(without_credentials("page=1&[page]=2&p%61ge]=3&per_page=4&&=5", &["page"]), "per_page=4");
    }

    /// Generates queries from pieces that matter to names.
    fn any_query() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "private_token",
            "access_token",
            "job_token",
            "p%72ivate_token",
            "PRIVATE_TOKEN",
            "page",
            "a",
            "[",
            "]",
            "[]",
            "%5B",
            "%5D",
            "&",
            "&",
            "=",
            "=",
            "+",
            "%20",
            "%26",
            "%3D",
            "T",
            ";",
        ]);
        prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn a_repeated_query_keeps_every_parameter_but_credentials(query in any_query()) {
            let Ok(sent) = from_form(query.as_bytes()) else { return Ok(()) };
            let repeated = from_form(without_credentials(&query, &[]).as_bytes()).unwrap();
            prop_assert!(!repeated.names().any(is_credential), "{query}");
            prop_assert!(presented(&HeaderMap::new(), &repeated).is_none(), "{query}");
            let mut expected = sent;
            for name in expected.names().map(str::to_owned).filter(|name| is_credential(name)).collect::<Vec<_>>() {
                expected.remove(&name);
            }
            prop_assert_eq!(repeated, expected, "{}", query);
        }
    }
}
