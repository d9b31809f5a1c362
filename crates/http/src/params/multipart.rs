//! `multipart/form-data` bodies.

use actix_multipart::{Field, Multipart};
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap, HeaderValue};
use actix_web::web::Bytes;
use futures_util::{TryStreamExt as _, stream};

use super::{Allowance, Malformed, Param, Params, checked_text, nesting};

/// How many parts are parsed before other tasks run: as many parts as a body may have take about 30 ms.
pub(crate) const PARTS_AT_ONCE: usize = 256;

/// Parses a multipart form that is already in memory; names nest as in any form.
///
/// A part without a name is ignored, as is a file with an empty filename (no file was chosen) or with content that is
/// not text.
///
/// # Errors
/// Returns an error for a body that is truncated or does not use the boundary in `content_type`, a plain field or a
/// name that is not UTF-8 or has a NUL, conflicting names, or more parts than `allowance` permits.
pub(crate) async fn from_multipart(
    content_type: &HeaderValue,
    body: Bytes,
    allowance: &mut Allowance,
) -> Result<Params, Malformed> {
    let mut params = Params::default();
    if body.is_empty() {
        return Ok(params);
    }
    let limit = body.len();
    // The parser requires a line end after the last boundary, which some clients omit.
    let chunks = stream::iter([Ok(body), Ok(Bytes::from_static(b"\r\n"))]);
    let mut parts = Multipart::new(&lenient_headers(content_type)?, chunks);
    let mut number = 0;
    while let Some(mut part) = parts.try_next().await.map_err(|_| Malformed::Multipart)? {
        allowance.spend()?;
        number += 1;
        if number % PARTS_AT_ONCE == 0 {
            // The whole body is in memory, so no other await would let other tasks run.
            tokio::task::yield_now().await;
        }
        let Ok(Ok(content)) = part.bytes(limit).await else {
            return Err(Malformed::Multipart);
        };
        if let Some((name, text)) = field(&part, &content)? {
            nesting::insert(&mut params, &name, Param::Text(text), allowance)?;
        }
    }
    Ok(params)
}

/// Returns a content type with the same boundary that makes the parser accept parts without a name.
///
/// The boundary is quoted, because some clients omit the quotes that its characters require.
pub(crate) fn lenient_headers(content_type: &HeaderValue) -> Result<HeaderMap, Malformed> {
    const KEY: &str = "boundary=";
    let text = content_type.to_str().map_err(|_| Malformed::Multipart)?;
    let at = text.to_ascii_lowercase().find(KEY).ok_or(Malformed::Multipart)?;
    let boundary =
        text[at + KEY.len()..].trim_start_matches('"').split(['"', ';', ',']).next().unwrap_or_default().trim_end();
    HeaderValue::from_str(&format!("multipart/mixed; boundary=\"{boundary}\""))
        .map(|value| HeaderMap::from_iter([(CONTENT_TYPE, value)]))
        .map_err(|_| Malformed::Multipart)
}

/// Returns the name and the text of a part, if it is a parameter.
fn field(part: &Field, content: &[u8]) -> Result<Option<(String, String)>, Malformed> {
    if let Some(header) = part.headers().get(CONTENT_DISPOSITION)
        && str::from_utf8(header.as_bytes()).is_err()
    {
        return Err(Malformed::Utf8);
    }
    let Some(disposition) = part.content_disposition() else {
        return Ok(None);
    };
    let Some(name) = disposition.get_name() else {
        return Ok(None);
    };
    let name = checked_text(name.as_bytes().to_vec())?;
    let text = checked_text(content.to_vec());
    match disposition.get_filename() {
        Some("") => Ok(None),
        None if disposition.get_filename_ext().is_none() => Ok(Some((name, text?))),
        Some(_) | None => Ok(text.ok().map(|text| (name, text))),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::rt::Runtime;
    use proptest::prelude::*;

    use super::*;
    use crate::params::tests::{params, text};

    fn read(content_type: &str, body: impl Into<Vec<u8>>) -> Result<Params, Malformed> {
        let content_type = HeaderValue::from_str(content_type).unwrap();
        let body = Bytes::from(body.into());
        Runtime::new().unwrap().block_on(from_multipart(&content_type, body, &mut Allowance::default()))
    }

    fn read_parts(parts: &[(&str, &[u8])]) -> Result<Params, Malformed> {
        read("multipart/form-data; boundary=XyZ", body(parts))
    }

    /// Builds a body of parts, each given by its headers and its content.
    fn body(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (headers, content) in parts {
            body.extend_from_slice(format!("--XyZ\r\n{headers}\r\n\r\n").as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--XyZ--\r\n");
        body
    }

    fn plain(name: &str) -> String {
        format!("Content-Disposition: form-data; name=\"{name}\"")
    }

    fn file(name: &str, filename: &str) -> String {
        format!("{}; filename=\"{filename}\"\r\nContent-Type: application/octet-stream", plain(name))
    }

    #[test]
    fn fields_are_read_verbatim() {
        let content = "a+b%20\r\n--XyY\r\né=&".as_bytes();
        let params = read_parts(&[(&plain("name"), content), (&plain("url"), b"")]).unwrap();
        assert_eq!(params.get("name"), Some(&text("a+b%20\r\n--XyY\r\né=&")));
        assert_eq!(params.get("url"), Some(&text("")));
    }

    #[test]
    fn names_nest_as_in_any_form() {
        let (name, url) = (plain("assets[links][][name]"), plain("assets[links][][url]"));
        let read = read_parts(&[(&name, b"a"), (&url, b"b"), (&name, b"c")]).unwrap();
        let form = "assets[links][][name]=a&assets[links][][url]=b&assets[links][][name]=c";
        assert_eq!(read, params(form));
        let conflict = [(&*plain("a"), &b"1"[..]), (&*plain("a[b]"), b"2")];
        assert_eq!(read_parts(&conflict), Err(Malformed::Conflict));
    }

    #[test]
    fn a_part_without_a_name_is_ignored() {
        let nameless = [
            "Content-Disposition: form-data",
            "Content-Disposition: attachment",
            "Content-Type: text/plain",
            "Content-Disposition: form-data; name=\"\"",
        ];
        for headers in nameless {
            let parts = [(headers, &b""[..]), (&plain("a"), b"1"), (headers, b"x")];
            assert_eq!(read_parts(&parts), Ok(params("a=1")), "{headers}");
        }
    }

    #[test]
    fn a_file_is_read_as_its_text() {
        assert_eq!(read_parts(&[(&file("a", "a.txt"), b"x")]), Ok(params("a=x")));
        assert_eq!(read_parts(&[(&file("a", "a.txt"), b"")]), Ok(params("a=")));
    }

    #[test]
    fn a_file_that_is_not_text_is_ignored() {
        let extended = format!("{}; filename*=utf-8''%C3%A9.png", plain("f"));
        for headers in [&file("f", "f.png"), &extended] {
            for content in [&b"\x89PNG\r\n\x1a\n\0"[..], b"\xff", b"a\0"] {
                let parts = [(headers.as_str(), content), (&plain("a"), b"1")];
                assert_eq!(read_parts(&parts), Ok(params("a=1")));
            }
        }
    }

    #[test]
    fn a_file_with_an_empty_filename_is_ignored() {
        for content in [&b""[..], b"x"] {
            let parts = [(&*file("f", ""), content), (&plain("a"), b"1")];
            assert_eq!(read_parts(&parts), Ok(params("a=1")));
        }
    }

    #[test]
    fn a_plain_field_or_a_name_that_is_not_text_is_malformed() {
        assert_eq!(read_parts(&[(&plain("a"), b"\xff")]), Err(Malformed::Utf8));
        assert_eq!(read_parts(&[(&plain("a"), b"x\0")]), Err(Malformed::Nul));
        assert_eq!(read_parts(&[(&plain("a\0"), b"x")]), Err(Malformed::Multipart));
        let mut latin = body(&[(&plain("a~"), b"x")]);
        let at = latin.iter().position(|byte| *byte == b'~').unwrap();
        latin[at] = 0xe9;
        assert_eq!(read("multipart/form-data; boundary=XyZ", latin), Err(Malformed::Utf8));
    }

    #[test]
    fn a_boundary_is_read_in_every_spelling() {
        for content_type in [
            "multipart/form-data; boundary=\"XyZ\"",
            "Multipart/Form-Data;charset=utf-8;Boundary=XyZ",
            "multipart/form-data ; boundary=XyZ; charset=utf-8",
        ] {
            let read = read(content_type, body(&[(&plain("a"), b"1")]));
            assert_eq!(read, Ok(params("a=1")), "{content_type}");
        }
    }

    #[test]
    fn a_boundary_may_lack_the_quotes_it_needs() {
        let body = "--=_a/b:c\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--=_a/b:c--";
        let read = read("multipart/form-data; boundary==_a/b:c ; charset=utf-8", body);
        assert_eq!(read, Ok(params("a=1")));
    }

    #[test]
    fn an_empty_body_is_an_empty_form() {
        assert_eq!(read("multipart/form-data", ""), Ok(Params::default()));
        for end in ["--XyZ--", "--XyZ--\r\n", "preamble\r\n--XyZ--\r\nepilogue"] {
            assert_eq!(read("multipart/form-data; boundary=XyZ", end), Ok(Params::default()), "{end}");
        }
    }

    #[test]
    fn a_body_without_its_boundary_is_malformed() {
        let body = body(&[(&plain("a"), b"1")]);
        for content_type in [
            "multipart/form-data",
            "multipart/form-data;",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=\"\"",
            "multipart/form-data; boundary=other",
            "multipart/form-data; boundary=xyz",
        ] {
            assert_eq!(read(content_type, body.clone()), Err(Malformed::Multipart), "{content_type}");
        }
    }

    #[test]
    fn a_truncated_body_is_malformed() {
        let whole = body(&[(&plain("a"), b"1"), (&plain("b"), b"2")]);
        let end = whole.len() - "--\r\n".len();
        for cut in 1..=end {
            let read = read("multipart/form-data; boundary=XyZ", &whole[..cut]);
            assert_eq!(read, Err(Malformed::Multipart), "cut at {cut}");
        }
    }

    #[test]
    fn a_field_of_the_largest_body_is_read_whole() {
        for filling in ["x", "\r", "\r\n", "\r\n--", "\r\n--XyY", "\n"] {
            let content = filling.repeat((1 << 20) / filling.len());
            let read = read_parts(&[(&plain("a"), content.as_bytes())]).unwrap();
            assert!(read.get("a") == Some(&text(&content)), "{filling:?}");
        }
    }

    #[test]
    fn parts_are_read_up_to_the_limit() {
        for headers in [&*plain("a[]"), "Content-Type: text/plain"] {
            let parts = vec![(headers, &b""[..]); Allowance::PARAMETERS + 1];
            let list = read_parts(&parts[1..]).unwrap().remove("a");
            assert!(
                list.is_none_or(|list| matches!(list, Param::List(values) if values.len() == Allowance::PARAMETERS))
            );
            assert_eq!(read_parts(&parts), Err(Malformed::TooMany), "{headers}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            let _ = read("multipart/form-data; boundary=XyZ", bytes);
        }

        #[test]
        fn a_damaged_body_is_read_or_refused(
            at in 0..90_usize,
            removed in 0..4_usize,
            added in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'\r'), Just(b'\n'), Just(b'-')], 0..4),
        ) {
            let mut damaged = body(&[(&plain("a"), b"1"), (&file("f", "f"), b"2")]);
            damaged.splice(at..at + removed, added);
            let _ = read("multipart/form-data; boundary=XyZ", damaged);
        }
    }
}
