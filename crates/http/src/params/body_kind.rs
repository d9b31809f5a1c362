//! Determines the encoding of a request's body.

use actix_web::http::header::HeaderValue;

/// The media type of a JSON merge patch (RFC 7396).
pub(crate) const MERGE_PATCH: &str = "application/merge-patch+json";

/// The encoding of a body.
#[cfg_attr(test, derive(Debug))]
#[derive(PartialEq, Eq)]
pub(crate) enum BodyKind {
    /// `application/x-www-form-urlencoded`, no content type at all, or no body.
    Form,
    /// `multipart/form-data`.
    Multipart,
    /// `application/json`.
    Json,
    /// `application/merge-patch+json`, which only some operations accept.
    MergePatch,
    /// Another media type, in lower case and without its parameters.
    Unsupported(String),
}

impl BodyKind {
    /// Returns the encoding that the `Content-Type` header names; an empty body may have any.
    pub(crate) fn of(content_type: Option<&HeaderValue>, body_is_empty: bool) -> Self {
        let Some(content_type) = content_type.filter(|_| !body_is_empty) else {
            return Self::Form;
        };
        let content_type = String::from_utf8_lossy(content_type.as_bytes());
        let media_type = content_type.split([';', ',']).next().unwrap_or_default().trim().to_ascii_lowercase();
        match media_type.as_str() {
            "" | "application/x-www-form-urlencoded" => Self::Form,
            "multipart/form-data" => Self::Multipart,
            "application/json" => Self::Json,
            MERGE_PATCH => Self::MergePatch,
            _ => Self::Unsupported(media_type),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(content_type: &[u8]) -> BodyKind {
        BodyKind::of(Some(&HeaderValue::from_bytes(content_type).unwrap()), false)
    }

    #[test]
    fn case_and_parameters_of_the_content_type_do_not_matter() {
        assert_eq!(kind(b"application/json"), BodyKind::Json);
        assert_eq!(kind(b"Application/JSON ; charset=utf-8"), BodyKind::Json);
        assert_eq!(kind(b"multipart/Form-Data; boundary=X"), BodyKind::Multipart);
        assert_eq!(kind(b"application/x-www-form-urlencoded;charset=UTF-8"), BodyKind::Form);
    }

    #[test]
    fn a_merge_patch_is_not_plain_json() {
        assert_eq!(kind(b"application/Merge-Patch+json; charset=utf-8"), BodyKind::MergePatch);
        assert_eq!(kind(b"application/patch+json"), BodyKind::Unsupported("application/patch+json".to_owned()));
    }

    #[test]
    fn a_body_without_content_type_is_a_form() {
        assert_eq!(BodyKind::of(None, false), BodyKind::Form);
        assert_eq!(kind(b""), BodyKind::Form);
        assert_eq!(kind(b" "), BodyKind::Form);
    }

    #[test]
    fn an_empty_body_may_have_any_content_type() {
        for content_type in ["text/plain", "application/json", "multipart/form-data", "?"] {
            let header = HeaderValue::from_static(content_type);
            assert_eq!(BodyKind::of(Some(&header), true), BodyKind::Form);
        }
    }

    #[test]
    fn another_media_type_is_named_without_its_parameters() {
        for (content_type, named) in [
            (&b"text/plain"[..], "text/plain"),
            (b"Text/Plain; charset=utf-8", "text/plain"),
            (b"application/jsonx", "application/jsonx"),
            (b"multipart/mixed; boundary=X", "multipart/mixed"),
            (b"a\xff", "a\u{fffd}"),
        ] {
            assert_eq!(kind(content_type), BodyKind::Unsupported(named.to_owned()));
        }
    }
}
