//! Finds the credential of a request (docs/contract.md, "Credentials").

use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName};
use data_encoding::BASE64;
use release_links_usecases::{ParameterFaults, Presented, Secret};

use crate::params::{Param, Params};

/// The parameters that carry a token.
const PARAMETERS: [&str; 3] = ["private_token", "access_token", "job_token"];

const PRIVATE_TOKEN: HeaderName = HeaderName::from_static("private-token");
const JOB_TOKEN: HeaderName = HeaderName::from_static("job-token");

/// The parameter and the header that name the user to act as.
const SUDO: &str = "sudo";

/// Returns the first credential in the contract's order; within a row the parameter comes before the header. An empty
/// one counts as absent.
pub(crate) fn presented(headers: &HeaderMap, params: &Params) -> Option<Presented> {
    let [private_token, access_token, job_token] = PARAMETERS;
    let access = || parameter(params, private_token).or_else(|| header(headers, &PRIVATE_TOKEN));
    let bearer = || parameter(params, access_token).or_else(|| authorization(headers, "Bearer"));
    let job = || parameter(params, job_token).or_else(|| header(headers, &JOB_TOKEN));
    let secret = Secret::from;
    access()
        .map(secret)
        .map(Presented::Access)
        .or_else(|| bearer().map(secret).map(Presented::Bearer))
        .or_else(|| job().map(secret).map(Presented::Job))
}

/// Returns the id or username of the user that the caller asks to act as. The parameter comes before the header, and an
/// empty one counts as absent.
pub(crate) fn sudo(headers: &HeaderMap, params: &Params) -> Result<Option<String>, ParameterFaults> {
    if matches!(params.get(SUDO), Some(Param::List(_) | Param::Map(_))) {
        // Ignoring it would give the caller their own rights.
        return Err(ParameterFaults(vec![format!("{SUDO} is invalid")]));
    }
    Ok(parameter(params, SUDO).or_else(|| header(headers, &HeaderName::from_static(SUDO))))
}

/// Returns the password of HTTP Basic (RFC 7617) as a token that is accepted like one in `Bearer`, whatever the user's
/// name. The limit on a request's head bounds its length.
pub(crate) fn basic(headers: &HeaderMap) -> Option<Presented> {
    let pair = BASE64.decode(authorization(headers, "Basic")?.as_bytes()).ok()?;
    let colon = pair.iter().position(|&byte| byte == b':')?;
    let password = String::from_utf8_lossy(&pair[colon + 1..]).into_owned();
    (!password.is_empty()).then(|| Presented::Bearer(password.into()))
}

/// Whether a parameter of this name carries a token, or was meant to.
///
/// In another letter case the parameter authenticates nobody, but its value is a secret all the same. A bracket that nests
/// nothing is part of a name.
pub(crate) fn is_credential(name: &str) -> bool {
    let name = name.trim_matches(['[', ']']);
    PARAMETERS.iter().any(|parameter| parameter.eq_ignore_ascii_case(name))
}

/// Whether a parameter of this name tells who is calling, on every operation.
pub(crate) fn identifies(name: &str) -> bool {
    PARAMETERS.contains(&name) || name == SUDO
}

fn parameter(params: &Params, name: &str) -> Option<String> {
    match params.get(name)? {
        Param::Text(token) if !token.is_empty() => Some(token.clone()),
        _ => None,
    }
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let token = String::from_utf8_lossy(headers.get(name)?.as_bytes()).trim().to_owned();
    (!token.is_empty()).then_some(token)
}

/// Returns what follows this scheme in `Authorization`.
fn authorization(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let value = header(headers, &AUTHORIZATION)?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case(wanted) && !token.is_empty()).then(|| token.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::tests::from_form;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn found(query: &str, headers: &[(&str, &str)]) -> Option<Presented> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        presented(&map, &from_form(query.as_bytes()).unwrap())
    }

    fn access(token: &str) -> Presented {
        Presented::Access(token.to_owned().into())
    }

    fn bearer(token: &str) -> Presented {
        Presented::Bearer(token.to_owned().into())
    }

    fn job(token: &str) -> Presented {
        Presented::Job(token.to_owned().into())
    }

    #[test]
    fn each_kind_of_credential_is_found() {
        for (query, headers, expected) in [
            ("", &[("PRIVATE-TOKEN", "a")][..], access("a")),
            ("", &[("private-token", "a")][..], access("a")),
            ("private_token=a", &[][..], access("a")),
            ("", &[("Authorization", "Bearer a")][..], bearer("a")),
            ("", &[("authorization", "bearer  a ")][..], bearer("a")),
            ("access_token=a", &[][..], bearer("a")),
            ("", &[("JOB-TOKEN", "a")][..], job("a")),
            ("job_token=a", &[][..], job("a")),
        ] {
            assert_eq!(found(query, headers), Some(expected), "{query} {headers:?}");
        }
    }

    #[test]
    fn unsupported_and_empty_credentials_are_ignored() {
        for (query, headers) in [
            ("", &[("Authorization", "Basic YTpi")][..]),
            ("", &[("Authorization", "Bearer")][..]),
            ("", &[("Authorization", "Bearer  ")][..]),
            ("", &[("DEPLOY-TOKEN", "a")][..]),
            ("private_token=&access_token&job_token[]=a", &[("PRIVATE-TOKEN", ""), ("JOB-TOKEN", " ")][..]),
        ] {
            assert_eq!(found(query, headers), None, "{query} {headers:?}");
        }
    }

    #[test]
    fn the_user_to_act_as_is_named_by_the_parameter_or_else_the_header() {
        let named = |query: &str, value: Option<&'static str>| {
            let mut map = HeaderMap::new();
            if let Some(value) = value {
                map.append(HeaderName::from_static(SUDO), HeaderValue::from_static(value));
            }
            sudo(&map, &from_form(query.as_bytes()).unwrap()).map_err(|faults| faults.0)
        };
        for (query, value, expected) in [
            ("", None, None),
            ("sudo=", Some(" "), None),
            ("sudo", None, None),
            ("sudo=ada", Some("bob"), Some("ada")),
            ("sudo=", Some("bob"), Some("bob")),
            ("", Some("7"), Some("7")),
        ] {
            assert_eq!(named(query, value), Ok(expected.map(str::to_owned)), "{query} {value:?}");
        }
        for query in ["sudo[]=ada", "sudo[name]=ada"] {
            assert_eq!(named(query, Some("bob")), Err(vec!["sudo is invalid".to_owned()]), "{query}");
        }
    }

    #[test]
    fn the_password_of_http_basic_is_a_token_whatever_the_users_name() {
        let sent = |value: &str| {
            let mut map = HeaderMap::new();
            map.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
            basic(&map)
        };
        let encoded = |scheme: &str, pair: &str| sent(&format!("{scheme} {}", BASE64.encode(pair.as_bytes())));
        for (pair, expected) in [(":t", "t"), ("user:t", "t"), ("user:t:u ", "t:u "), ("ü\0:\u{1F511}", "\u{1F511}")] {
            assert_eq!(encoded("Basic", pair), Some(bearer(expected)), "{pair:?}");
            assert_eq!(encoded("bAsIc ", pair), Some(bearer(expected)), "{pair:?}");
        }
        for pair in ["", "t", "user:"] {
            assert_eq!(encoded("Basic", pair), None, "{pair:?}");
        }
        assert_eq!(encoded("Bearer", "user:t"), None);
        for value in ["Basic", "Basic ", "Basic dXNlcjp0=", "Basic dXNlcjp0 dXNlcjp0", "Basic user:t", "Basic %%%"] {
            assert_eq!(sent(value), None, "{value:?}");
        }
    }

    #[test]
    fn the_first_row_wins_and_within_a_row_the_parameter() {
        let all = &[("JOB-TOKEN", "j"), ("Authorization", "Bearer b"), ("PRIVATE-TOKEN", "p")][..];
        assert_eq!(found("job_token=j2&access_token=b2&private_token=p2", all), Some(access("p2")));
        assert_eq!(found("job_token=j2&access_token=b2", all), Some(access("p")));
        assert_eq!(found("job_token=j2&access_token=b2", &all[..2]), Some(bearer("b2")));
        assert_eq!(found("job_token=j2", &all[..2]), Some(bearer("b")));
        assert_eq!(found("job_token=j2", &all[..1]), Some(job("j2")));
    }
}
