//! The file in a `multipart/form-data` body, which is handed over while the body arrives.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_DISPOSITION, HeaderValue};
use actix_web::web::Bytes;
use futures_util::stream::{self, LocalBoxStream};
use futures_util::{Stream, StreamExt, TryStreamExt};
use release_links_domain::file::UploadName;
use release_links_ports::BoxError;
use tokio::sync::{mpsc, oneshot};

use crate::Limits;
use crate::error::UploadFault;
use crate::params::{Allowance, PARTS_AT_ONCE, lenient_headers};

/// The name of the part that is the file.
pub(crate) const FILE: &str = "file";

/// What the parser reads after a body has ended. A body that ends with its last boundary ends before this; to any other one
/// it is no boundary, and no line either, so that none ends in it.
const AFTER_THE_END: &[u8] = b"\r\nx";

/// Reads a form: sends the name of its file, then the file's bytes. Both ends are told why there is no file, or why it breaks
/// off; the bytes end without an error only once the whole form has been read.
pub(super) async fn hand_over(
    content_type: Option<HeaderValue>,
    body: impl Stream<Item = Result<Bytes, UploadFault>> + 'static,
    name: oneshot::Sender<Result<UploadName, UploadFault>>,
    pieces: mpsc::Sender<Result<Bytes, BoxError>>,
) {
    let read = async {
        let begun = match Form::of(content_type.as_ref(), body) {
            Ok(mut form) => form.file().await.map(|file| (form, file)),
            Err(fault) => Err(fault),
        };
        let (mut form, part) = match begun {
            Ok((form, (found, part))) => {
                let _ = name.send(Ok(found));
                (form, part)
            }
            Err(fault) => {
                let _ = name.send(Err(fault));
                return;
            }
        };
        if let Err(fault) = form.hand_over(part, &pieces).await {
            let _ = pieces.send(Err(fault.into())).await;
        }
    };
    tokio::select! {
        () = read => {}
        () = pieces.closed() => {}
    }
}

/// A form that is being read.
struct Form {
    parts: Multipart,
    /// The body, which the parser does not read to its end.
    source: Rc<RefCell<LocalBoxStream<'static, Result<Bytes, PayloadError>>>>,
    meter: Rc<Meter>,
    allowance: Allowance,
}

/// How much of a form has been read.
#[derive(Default)]
struct Meter {
    read: Cell<u64>,
    of_file: Cell<u64>,
    /// Why no more can be read, unless the parser knows it.
    fault: Cell<Option<UploadFault>>,
}

impl Meter {
    /// Counts what is read; only the file may be large.
    fn count(&self, piece: Result<Bytes, UploadFault>) -> Result<Bytes, PayloadError> {
        let piece = piece.and_then(|piece| {
            self.read.set(self.read.get() + piece.len() as u64);
            let beside = self.read.get() - self.of_file.get();
            if beside > Limits::BESIDE_UPLOAD { Err(UploadFault::TooMuch) } else { Ok(piece) }
        });
        piece.map_err(|fault| {
            self.fault.set(Some(fault));
            PayloadError::Incomplete(None)
        })
    }

    /// Returns why the parser failed.
    fn fault(&self, error: &MultipartError) -> UploadFault {
        let is_empty = self.read.get() == 0 && matches!(error, MultipartError::Incomplete);
        let parsed = if is_empty { UploadFault::NoFile } else { UploadFault::Cut };
        self.fault.take().unwrap_or(parsed)
    }
}

impl Form {
    fn of(
        content_type: Option<&HeaderValue>,
        body: impl Stream<Item = Result<Bytes, UploadFault>> + 'static,
    ) -> Result<Self, UploadFault> {
        let headers = content_type.and_then(|content_type| lenient_headers(content_type).ok());
        let headers = headers.ok_or(UploadFault::Cut)?;
        let meter = Rc::new(Meter::default());
        let counted = meter.clone();
        let source = body.map(move |piece| counted.count(piece)).boxed_local();
        let source = Rc::new(RefCell::new(source));
        let read = source.clone();
        let read = stream::poll_fn(move |cx| read.borrow_mut().poll_next_unpin(cx));
        let end = stream::iter([Ok(Bytes::from_static(AFTER_THE_END))]);
        let parts = Multipart::new(&headers, read.chain(end));
        Ok(Self { parts, source, meter, allowance: Allowance::default() })
    }

    /// Returns the file and its name.
    async fn file(&mut self) -> Result<(UploadName, Field), UploadFault> {
        while let Some(part) = self.next().await? {
            if let Some(name) = name_of(&part)? {
                return Ok((name, part));
            }
            self.skip(part).await?;
        }
        Err(UploadFault::NoFile)
    }

    /// Sends the bytes of the file, and reads the rest of the form, which has no other file.
    async fn hand_over(
        &mut self,
        mut part: Field,
        pieces: &mpsc::Sender<Result<Bytes, BoxError>>,
    ) -> Result<(), UploadFault> {
        while let Some(piece) = part.try_next().await.map_err(|error| self.meter.fault(&error))? {
            self.meter.of_file.set(self.meter.of_file.get() + piece.len() as u64);
            if pieces.send(Ok(piece)).await.is_err() {
                return Ok(());
            }
        }
        drop(part);
        while let Some(part) = self.next().await? {
            if name_of(&part)?.is_some() {
                return Err(UploadFault::NotOneFile);
            }
            self.skip(part).await?;
        }
        // Whether the body is as long as the request says shows only at its end.
        while let Some(piece) = poll_fn(|cx| self.source.borrow_mut().poll_next_unpin(cx)).await {
            piece.map_err(|_| self.meter.fault.take().unwrap_or(UploadFault::Cut))?;
        }
        Ok(())
    }

    async fn next(&mut self) -> Result<Option<Field>, UploadFault> {
        let part = self.parts.try_next().await.map_err(|error| self.meter.fault(&error))?;
        if part.is_some() {
            self.allowance.spend().map_err(|_| UploadFault::Cut)?;
            if self.allowance.left.is_multiple_of(PARTS_AT_ONCE) {
                // Much of the body may have arrived, so that no other await would let other tasks run.
                tokio::task::yield_now().await;
            }
        }
        Ok(part)
    }

    async fn skip(&self, mut part: Field) -> Result<(), UploadFault> {
        while part.try_next().await.map_err(|error| self.meter.fault(&error))?.is_some() {}
        Ok(())
    }
}

/// Returns the name of a part that is the file. A part with an empty file name is none: somebody chose no file.
fn name_of(part: &Field) -> Result<Option<UploadName>, UploadFault> {
    let is_text = |header: &HeaderValue| str::from_utf8(header.as_bytes()).is_ok();
    if !part.headers().get(CONTENT_DISPOSITION).is_none_or(is_text) {
        return Err(UploadFault::Cut);
    }
    let Some(disposition) = part.content_disposition().filter(|disposition| disposition.get_name() == Some(FILE))
    else {
        return Ok(None);
    };
    let extended = disposition.get_filename_ext().map(|name| String::from_utf8_lossy(&name.value));
    let sent = match (&extended, disposition.get_filename()) {
        (Some(name), _) => name,
        (None, Some("")) => return Ok(None),
        (None, Some(name)) => name,
        (None, None) => return Err(UploadFault::NotOneFile),
    };
    UploadName::of_sent(sent).map(Some).map_err(|_| UploadFault::NotOneFile)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::runtime::Builder;
    use tokio::task::LocalSet;

    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=XyZ";

    /// Reads a body that arrives in pieces of so many bytes, and returns the name and the bytes of its file.
    fn read_in(content_type: &str, body: &[u8], piece: usize) -> Result<(String, Vec<u8>), String> {
        let content_type = HeaderValue::from_str(content_type).ok();
        let pieces: Vec<_> = body.chunks(piece).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(LocalSet::new().run_until(async {
            let (named, name) = oneshot::channel();
            let (sender, mut received) = mpsc::channel(1);
            let reading = tokio::task::spawn_local(hand_over(content_type, stream::iter(pieces), named, sender));
            let name = name.await.unwrap().map_err(|fault| fault.to_string())?;
            let mut bytes = Vec::new();
            while let Some(piece) = received.recv().await {
                bytes.extend_from_slice(&piece.map_err(|fault| fault.to_string())?);
            }
            reading.await.unwrap();
            Ok((name.to_string(), bytes))
        }))
    }

    fn read(body: &[u8]) -> Result<(String, Vec<u8>), String> {
        read_in(TYPE, body, usize::MAX)
    }

    /// Returns a form of parts, each given by its headers and its content.
    fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (headers, content) in parts {
            body.extend_from_slice(format!("--XyZ\r\n{headers}\r\n\r\n").as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--XyZ--\r\n");
        body
    }

    fn part(name: &str, more: &str) -> String {
        format!("Content-Disposition: form-data; name={name}{more}")
    }

    fn file(content: &[u8]) -> Vec<u8> {
        form(&[(&part("\"file\"", "; filename=\"a.zip\""), content)])
    }

    fn is(fault: UploadFault) -> Result<(String, Vec<u8>), String> {
        Err(fault.to_string())
    }

    #[test]
    fn the_file_is_found_wherever_it_is_in_the_form() {
        let (other, own) = (part("\"other\"", ""), part("\"file\"", "; filename=\"a.zip\""));
        let (nameless, unchosen) = ("Content-Type: text/plain".to_owned(), part("\"file\"", "; filename=\"\""));
        let expected = Ok(("a.zip".to_owned(), b"bytes".to_vec()));
        for parts in [
            vec![(own.as_str(), b"bytes" as &[u8])],
            vec![(&other, b"\xff\0"), (&own, b"bytes")],
            vec![(&own, b"bytes"), (&other, b"x")],
            vec![(&nameless, b"x"), (&unchosen, b""), (&own, b"bytes"), (&unchosen, b""), (&nameless, b"")],
        ] {
            for piece in [1, 2, 7, usize::MAX] {
                assert_eq!(read_in(TYPE, &form(&parts), piece), expected);
            }
        }
        for (before, after) in [("", "epilogue"), ("preamble\r\n", ""), ("", "\r\n\r\n--XyZ\r\n")] {
            let body = [before.as_bytes(), &form(&[(&own, b"bytes")]), after.as_bytes()].concat();
            assert_eq!(read(&body), expected, "{before}{after}");
        }
        let without_last_line_end = &file(b"bytes")[..file(b"bytes").len() - 2];
        assert_eq!(read(without_last_line_end), expected);
    }

    #[test]
    fn clients_spell_the_headers_of_a_part_in_several_ways() {
        for (headers, name) in [
            (part("file", "; filename=a.zip"), "a.zip"),
            (part("\"file\"", "; filename=\"a \\\"b\\\".zip\""), "a__b_.zip"),
            (part("\"file\"", "; filename=\"a%22.zip\""), "a_22.zip"),
            (part("\"file\"", "; filename=\"dir/../a.zip\""), "a.zip"),
            (part("\"file\"", "; filename=\"..\""), "_.."),
            (part("\"file\"", "; filename=\"\u{e9}.zip\""), "__.zip"),
            (part("\"file\"", "; filename*=UTF-8''%e2%82%ac.zip"), "___.zip"),
            (part("\"file\"", "; filename=\"x\"; filename*=UTF-8''b.zip"), "b.zip"),
            (part("\"file\"", "; filename=\"a.zip\"") + "\r\nContent-Transfer-Encoding: binary", "a.zip"),
            (part("\"file\"", "; filename=\"a.zip\"") + "\r\nContent-Length: 5\r\nContent-Type: text/plain", "a.zip"),
            (part("\"file\"", "; filename=\"a.zip\"").to_lowercase(), "a.zip"),
        ] {
            assert_eq!(read(&form(&[(&headers, b"bytes")])), Ok((name.to_owned(), b"bytes".to_vec())), "{headers}");
        }
    }

    #[test]
    fn a_form_without_a_file_and_one_with_two_have_faults() {
        let (text, own) = (part("\"file\"", ""), part("\"file\"", "; filename=\"a.zip\""));
        let other = part("\"files\"", "; filename=\"a.zip\"");
        let long = part("\"file\"", &format!("; filename=\"{}\"", "a".repeat(UploadName::MAX_BYTES + 1)));
        let folder = part("\"file\"", "; filename=\"dist/\"");
        for (parts, fault) in [
            (&[] as &[(&str, &[u8])], UploadFault::NoFile),
            (&[(&other, b"x")], UploadFault::NoFile),
            (&[(&part("\"file\"", "; filename=\"\""), b"")], UploadFault::NoFile),
            (&[(&text, b"x")], UploadFault::NotOneFile),
            (&[(&long, b"x")], UploadFault::NotOneFile),
            (&[(&folder, b"x")], UploadFault::NotOneFile),
            (&[(&own, b"x"), (&own, b"y")], UploadFault::NotOneFile),
            (&[(&own, b"x"), (&text, b"y")], UploadFault::NotOneFile),
        ] {
            assert_eq!(read(&form(parts)), is(fault));
        }
        assert_eq!(read(b""), is(UploadFault::NoFile));
    }

    #[test]
    fn a_form_that_ends_early_has_no_file() {
        for body in [
            file(b"bytes\r\nmore"),
            form(&[(&(part("\"file\"", "; filename=\"a.zip\"") + "\r\nContent-Length: 5"), b"bytes")]),
            form(&[(&part("\"file\"", "; filename=\"a.zip\""), b"x"), (&part("\"other\"", ""), b"y")]),
        ] {
            assert!(read(&body).is_ok());
            for cut in 1..body.len() - 2 {
                let whole = String::from_utf8_lossy(&body[..cut]).into_owned();
                assert_eq!(read(&body[..cut]), is(UploadFault::Cut), "{whole}");
            }
        }
    }

    #[test]
    fn a_part_that_says_it_is_longer_than_the_form_has_no_end() {
        for length in 6..60 {
            let headers = part("\"file\"", "; filename=\"a.zip\"") + &format!("\r\nContent-Length: {length}");
            let cut = format!("--XyZ\r\n{headers}\r\n\r\nbytes");
            assert_eq!(read(cut.as_bytes()), is(UploadFault::Cut), "{length}");
        }
    }

    #[test]
    fn a_content_type_without_a_usable_boundary_is_malformed() {
        for content_type in
            ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=other"]
        {
            assert_eq!(read_in(content_type, &file(b"bytes"), usize::MAX), is(UploadFault::Cut), "{content_type}");
        }
        let boundary = "b".repeat(1000);
        let long = String::from_utf8(file(b"bytes")).unwrap().replace("XyZ", &boundary);
        let content_type = format!("multipart/form-data; boundary=\"{boundary}\"");
        assert!(read_in(&content_type, long.as_bytes(), 100).is_ok());
    }

    #[test]
    fn what_is_not_the_file_is_limited() {
        let (other, own) = (part("\"other\"", ""), part("\"file\"", "; filename=\"a.zip\""));
        let most = usize::try_from(Limits::BESIDE_UPLOAD).unwrap();
        let (little, much) = (vec![b'x'; most / 2], vec![b'x'; most]);
        let large = vec![b'y'; 3 * most];
        let read = |body: &[u8]| read_in(TYPE, body, 16 * 1024);
        assert_eq!(read(&form(&[(&other, &little), (&own, &large)])), Ok(("a.zip".to_owned(), large.clone())));
        assert_eq!(read(&form(&[(&own, &large), (&other, &little)])), Ok(("a.zip".to_owned(), large.clone())));
        for body in [
            form(&[(&other, &much), (&own, b"x")]),
            form(&[(&own, &large), (&other, &much)]),
            form(&[(&other, &little), (&own, b"x"), (&other, &little)]),
            [&form(&[(&own, b"x")]), &much[..]].concat(),
        ] {
            assert_eq!(read(&body), is(UploadFault::TooMuch));
        }
        // The parser gives up on a line that is so long.
        assert_eq!(read(&[&much[..], b"\r\n", &form(&[(&own, b"x")])].concat()), is(UploadFault::Cut));
        let header = format!("{own}\r\nX-Long: {}", "x".repeat(70_000));
        assert_eq!(read(&form(&[(&header, b"x")])), is(UploadFault::Cut));
        let parts = vec![("", b"" as &[u8]); Limits::PARAMETERS + 1];
        assert_eq!(read(&form(&parts)), is(UploadFault::Cut));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_file_however_they_arrive(
            content in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..300),
                "(\r|\n|-|--|\r\n--X|\r\n--Xy|XyZ|a){0,60}".prop_map(String::into_bytes),
            ],
            piece in 1..40_usize,
        ) {
            // Clients choose a boundary that is not in what they send.
            prop_assume!(!content.windows(5).any(|window| window == b"--XyZ"));
            prop_assert_eq!(read_in(TYPE, &file(&content), piece), Ok(("a.zip".to_owned(), content)));
        }

        #[test]
        fn no_body_makes_the_reading_panic(body in proptest::collection::vec(any::<u8>(), 0..200), piece in 1..40_usize) {
            let _ = read_in(TYPE, &body, piece);
            let _ = read_in(TYPE, &[b"--XyZ\r\n", &body[..]].concat(), piece);
        }
    }
}
