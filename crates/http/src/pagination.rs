//! The parameters that request a page, and the headers that describe it (docs/contract.md, "Pagination").

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, LINK};
use release_links_domain::location::ExternalUrl;
use release_links_domain::page::NoRows;
use release_links_ports::{self as ports, PageRequest};
use serde::Serialize;
use utoipa::openapi::schema::Type;
use utoipa::openapi::{Object, Schema};

use crate::Limits;
use crate::fields::{Fields, parse_integer};
use crate::incoming::Incoming;
use crate::operation::{Declared, Parameter, parameters, typed};
use crate::query::without_credentials;
use crate::reply::{Reply, json};

const MAX_LINK: usize = Limits::LINK_HEADER;

const X_PAGE: HeaderName = HeaderName::from_static("x-page");
const X_PER_PAGE: HeaderName = HeaderName::from_static("x-per-page");
const X_NEXT_PAGE: HeaderName = HeaderName::from_static("x-next-page");
const X_PREV_PAGE: HeaderName = HeaderName::from_static("x-prev-page");
const X_TOTAL: HeaderName = HeaderName::from_static("x-total");
const X_TOTAL_PAGES: HeaderName = HeaderName::from_static("x-total-pages");

parameters! {
    /// The parameters of a list without filters.
    pub(crate) struct PageParameters {
        /// The number of the page, from 1.
        page: Page,
    }
}

/// `page` and `per_page`.
pub(crate) struct Page;

/// The name of the parameter with the size of a page.
const PER_PAGE: &str = "per_page";

impl Parameter for Page {
    type Value = PageRequest;

    fn declare(name: &'static str, meaning: &'static str, to: &mut Vec<Declared>) {
        let number = |name, meaning, default: u64| Declared {
            default: Some(default.into()),
            ..Declared::of::<i64>(name, meaning)
        };
        to.push(number(name, meaning, PageRequest::FIRST));
        let size = number(PER_PAGE, "How many rows a page has.", PageRequest::DEFAULT_PER_PAGE);
        to.push(Declared { schema: Self::size, ..size });
    }

    fn read(name: &str, fields: &mut Fields) -> Option<PageRequest> {
        let page = number(fields, name);
        let per_page = number(fields, PER_PAGE);
        let page = PageRequest::new(page, per_page);
        page.map_err(|NoRows| fields.fault(PER_PAGE, "has a value not allowed")).ok()
    }
}

impl Page {
    fn size(nullable: bool) -> Schema {
        let size = Object::builder().minimum(Some(1)).maximum(Some(PageRequest::MAX_PER_PAGE));
        typed(size, Type::Integer, nullable)
    }
}

/// Reads an integer; empty counts as absent.
fn number(fields: &mut Fields, name: &str) -> Option<i64> {
    let text = fields.filled_text(name)?;
    let number = parse_integer(&text);
    if number.is_none() {
        fields.fault(name, "is invalid");
    }
    number
}

/// Answers with a page of a list, whose rows `shape` converts.
pub(crate) fn page<T, B: Serialize>(
    incoming: &Incoming,
    wanted: PageRequest,
    found: ports::Page<T>,
    shape: impl Fn(T) -> B,
) -> Reply {
    let headers = headers(&incoming.request, &incoming.service.external, wanted, &found);
    let body: Vec<_> = found.rows.into_iter().map(shape).collect();
    json(&incoming.request, StatusCode::OK, &body, headers)
}

/// Returns the headers that say where in the list a page is.
pub(crate) fn headers<T>(
    request: &HttpRequest,
    external: &ExternalUrl,
    wanted: PageRequest,
    page: &ports::Page<T>,
) -> Vec<(HeaderName, HeaderValue)> {
    headers_of(request, external, wanted, page, page.rows.is_empty())
}

/// Like [`headers`], for a page whose rows are not all read yet.
pub(crate) fn headers_of<T>(
    request: &HttpRequest,
    external: &ExternalUrl,
    wanted: PageRequest,
    page: &ports::Page<T>,
    is_empty: bool,
) -> Vec<(HeaderName, HeaderValue)> {
    let PageRequest { page: number, per_page } = wanted;
    let pages = page.total.map(|total| total.div_ceil(per_page).max(1));
    // A page beyond the end has no neighbours.
    let is_beyond = is_empty && number > 1;
    let next = page.has_next.then(|| number + 1);
    let previous = (number > 1 && !is_beyond).then(|| number - 1);
    let mut links = Vec::new();
    links.extend(previous.map(|number| ("prev", number)));
    links.extend(next.map(|number| ("next", number)));
    links.push(("first", 1));
    links.extend(pages.map(|number| ("last", number)));
    let mut own_query = without_credentials(request.uri().query().unwrap_or_default(), &["page", "per_page"]);
    if !own_query.is_empty() {
        own_query.push('&');
    }
    let path = request.uri().path();
    let (before, after) = (format!("<{external}{path}?{own_query}page="), format!("&per_page={per_page}>; rel=\""));
    let entry = |(rel, number): (&str, u64)| [&before, &number.to_string(), &after, rel, "\""].concat();
    let whole = links.into_iter().map(entry).collect::<Vec<_>>().join(", ");
    let fits = |link: &String| link.len() <= MAX_LINK;
    let link = Some(whole).filter(fits).or_else(|| next.map(|number| entry(("next", number))).filter(fits));
    let if_any = |number: Option<u64>| number.map_or(HeaderValue::from_static(""), HeaderValue::from);
    let mut headers = vec![
        (X_PAGE, number.into()),
        (X_PER_PAGE, per_page.into()),
        (X_NEXT_PAGE, if_any(next)),
        (X_PREV_PAGE, if_any(previous)),
    ];
    headers.extend(page.total.map(|total| (X_TOTAL, total.into())));
    headers.extend(pages.map(|pages| (X_TOTAL_PAGES, pages.into())));
    headers.extend(link.and_then(|link| Some((LINK, HeaderValue::try_from(link).ok()?))));
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Parameters;
    use crate::params::tests::from_form;
    use actix_web::test::TestRequest;

    fn wanted(query: &str) -> Result<PageRequest, Vec<String>> {
        let params = from_form(query.as_bytes()).unwrap();
        let mut fields = Fields::of(params);
        let page = PageParameters::read(&mut fields).map(|parameters| parameters.page);
        fields.finish_whole(page).map_err(|faults| faults.0)
    }

    #[test]
    fn page_parameters_are_read_as_the_contract_says() {
        for (query, expected) in [
            ("", Ok(PageRequest { page: 1, per_page: 20 })),
            ("page=3&per_page=50", Ok(PageRequest { page: 3, per_page: 50 })),
            ("per_page=101", Ok(PageRequest { page: 1, per_page: 100 })),
            ("per_page=99999999999999999999", Ok(PageRequest { page: 1, per_page: 100 })),
            ("per_page=-5", Ok(PageRequest { page: 1, per_page: 20 })),
            ("per_page=&page=", Ok(PageRequest { page: 1, per_page: 20 })),
            ("page=0", Ok(PageRequest { page: 1, per_page: 20 })),
            ("page=-3", Ok(PageRequest { page: 1, per_page: 20 })),
            ("per_page=0", Err(vec!["per_page has a value not allowed".to_owned()])),
            ("per_page=x&page=abc", Err(vec!["page is invalid".to_owned(), "per_page is invalid".to_owned()])),
            ("page[]=1", Err(vec!["page is invalid".to_owned()])),
        ] {
            assert_eq!(wanted(query), expected, "{query}");
        }
    }

    fn headers_for(uri: &str, number: u64, rows: usize, total: Option<u64>, has_next: bool) -> Vec<(String, String)> {
        let request = TestRequest::with_uri(uri).to_http_request();
        let page = ports::Page { rows: vec![(); rows], total, has_next };
        headers(&request, &"http://h".parse().unwrap(), PageRequest { page: number, per_page: 2 }, &page)
            .into_iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn a_page_in_the_middle_has_both_neighbours() {
        assert_eq!(
            headers_for("/l%2E?a=b&page=2&private_token=secret&access%5Ftoken=secret", 2, 2, Some(5), true),
            pairs(&[
                ("x-page", "2"),
                ("x-per-page", "2"),
                ("x-next-page", "3"),
                ("x-prev-page", "1"),
                ("x-total", "5"),
                ("x-total-pages", "3"),
                (
                    "link",
                    "<http://h/l%2E?a=b&page=1&per_page=2>; rel=\"prev\", <http://h/l%2E?a=b&page=3&per_page=2>; rel=\"next\", \
                     <http://h/l%2E?a=b&page=1&per_page=2>; rel=\"first\", <http://h/l%2E?a=b&page=3&per_page=2>; rel=\"last\""
                ),
            ])
        );
    }

    #[test]
    fn an_empty_list_has_one_page() {
        let headers = headers_for("/l", 1, 0, Some(0), false);
        assert!(headers.contains(&("x-total-pages".into(), "1".into())));
        assert!(headers.contains(&("x-prev-page".into(), String::new())));
        assert!(headers.contains(&("x-next-page".into(), String::new())));
    }

    #[test]
    fn a_page_beyond_the_end_has_no_neighbours() {
        let headers = headers_for("/l", 9, 0, Some(5), false);
        assert!(headers.contains(&("x-prev-page".into(), String::new())));
        assert!(headers.contains(&("x-next-page".into(), String::new())));
        let link = "<http://h/l?page=1&per_page=2>; rel=\"first\", <http://h/l?page=3&per_page=2>; rel=\"last\"";
        assert!(headers.contains(&("link".into(), link.into())));
    }

    #[test]
    fn a_link_header_over_3_000_bytes_holds_next_alone_or_is_left_out() {
        let link = |length: usize, has_next: bool| {
            let headers = headers_for(&format!("/l?{}", "a".repeat(length)), 2, 2, Some(5), has_next);
            headers.into_iter().find(|(name, _)| name == "link").map(|(_, link)| link)
        };
        let fixed = link(1, true).unwrap().len() - 4;
        let most = (MAX_LINK - fixed) / 4;
        assert_eq!(link(most, true).unwrap().matches("rel=").count(), 4);
        let next = link(most + 1, true).unwrap();
        assert_eq!(next, format!("<http://h/l?{}&page=3&per_page=2>; rel=\"next\"", "a".repeat(most + 1)));
        let most = MAX_LINK - (next.len() - most - 1);
        assert_eq!(link(most, true).unwrap().len(), MAX_LINK);
        assert_eq!(link(most + 1, true), None);
        assert_eq!(link(most, false), None);
    }

    #[test]
    fn a_list_too_long_to_count_has_no_total_and_no_last_page() {
        let headers = headers_for("/l", 1, 2, None, true);
        assert!(headers.iter().all(|(name, _)| name != "x-total" && name != "x-total-pages"));
        let link = "<http://h/l?page=2&per_page=2>; rel=\"next\", <http://h/l?page=1&per_page=2>; rel=\"first\"";
        assert!(headers.contains(&("link".into(), link.into())));
    }
}
