//! docs/contract.md, "Pagination": pages of links and the headers that lead through them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{Api, Response, encoded};

const EXTERNAL: &str = "https://gitlab.example.com";

/// A project whose release has that many links, named after their number.
fn with_links(count: u32) -> Api {
    let api = Api::public();
    for number in 1..=count {
        api.add(&number.to_string(), &format!("http://{number}"));
    }
    api
}

fn names(answer: &Response) -> Vec<String> {
    answer.json().as_array().unwrap().iter().map(|link| link["name"].as_str().unwrap().to_owned()).collect()
}

/// The `Link` header as pairs of relation and URL, in order.
#[track_caller]
fn relations(answer: &Response) -> Vec<(String, String)> {
    let header = answer.header("link").unwrap_or_else(|| panic!("no Link in {answer:?}"));
    let part = |part: &str| {
        let (url, relation) = part.strip_prefix('<')?.strip_suffix('"')?.split_once(">; rel=\"")?;
        Some((relation.to_owned(), url.to_owned()))
    };
    header.split(", ").map(|text| part(text).unwrap_or_else(|| panic!("{text} in {header}"))).collect()
}

/// A URL as what stands before its query, and the set of the query's pairs.
fn taken_apart(url: &str) -> (&str, BTreeSet<&str>) {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    (address, query.split('&').collect())
}

/// Asserts the relations and their page numbers, each URL being that of the list with the rest of the query.
#[track_caller]
fn leads_to(answer: &Response, target: &str, pages: &[(&str, u32)], rest: &[&str]) {
    let relations = relations(answer);
    let given: Vec<_> = relations.iter().map(|(relation, _)| relation.as_str()).collect();
    let expected: Vec<_> = pages.iter().map(|(relation, _)| *relation).collect();
    assert_eq!(given, expected);
    for ((_, url), (relation, page)) in relations.iter().zip(pages) {
        let page = format!("page={page}");
        let query: BTreeSet<_> = rest.iter().copied().chain([page.as_str()]).collect();
        assert_eq!(taken_apart(url), (format!("{EXTERNAL}{target}").as_str(), query), "{relation}");
    }
}

#[track_caller]
fn counts(answer: &Response, expected: [&str; 6]) {
    let headers = ["x-total", "x-total-pages", "x-page", "x-per-page", "x-next-page", "x-prev-page"];
    assert_eq!(headers.map(|name| answer.header(name)), expected.map(Some));
}

#[test]
fn the_first_page_has_a_next_one_and_no_previous() {
    let api = with_links(3);
    let answer = api.guest().get(api.links() + "?per_page=1").send().status(200);
    assert_eq!(names(&answer), ["3"]);
    counts(&answer, ["3", "3", "1", "1", "2", ""]);
    leads_to(&answer, &api.links(), &[("next", 2), ("first", 1), ("last", 3)], &["per_page=1"]);
}

#[test]
fn a_page_in_the_middle_has_both_neighbours() {
    let api = with_links(3);
    let answer = api.guest().get(api.links() + "?page=2&per_page=1").send().status(200);
    assert_eq!(names(&answer), ["2"]);
    counts(&answer, ["3", "3", "2", "1", "3", "1"]);
    let pages = [("prev", 1), ("next", 3), ("first", 1), ("last", 3)];
    leads_to(&answer, &api.links(), &pages, &["per_page=1"]);
}

#[test]
fn the_last_page_has_a_previous_one_and_no_next() {
    let api = with_links(3);
    let answer = api.guest().get(api.links() + "?per_page=2&page=2").send().status(200);
    assert_eq!(names(&answer), ["1"]);
    counts(&answer, ["3", "2", "2", "2", "", "1"]);
    leads_to(&answer, &api.links(), &[("prev", 1), ("first", 1), ("last", 2)], &["per_page=2"]);
}

#[test]
fn a_full_single_page_has_no_neighbours() {
    let api = with_links(2);
    let answer = api.guest().get(api.links() + "?per_page=2").send().status(200);
    assert_eq!(names(&answer), ["2", "1"]);
    counts(&answer, ["2", "1", "1", "2", "", ""]);
    leads_to(&answer, &api.links(), &[("first", 1), ("last", 1)], &["per_page=2"]);
}

#[test]
fn an_empty_list_is_one_page() {
    let api = Api::public();
    let answer = api.guest().get(api.links()).send();
    answer.is(200, "[]");
    counts(&answer, ["0", "1", "1", "20", "", ""]);
    leads_to(&answer, &api.links(), &[("first", 1), ("last", 1)], &["per_page=20"]);
}

#[test]
fn a_page_beyond_the_end_is_empty_and_has_no_neighbours() {
    let api = with_links(1);
    for page in ["2", "3", "1000000", "9223372036854775807"] {
        let answer = api.guest().get(format!("{}?page={page}", api.links())).send();
        answer.is(200, "[]");
        counts(&answer, ["1", "1", page, "20", "", ""]);
        leads_to(&answer, &api.links(), &[("first", 1), ("last", 1)], &["per_page=20"]);
    }
}

#[test]
fn a_page_number_beyond_64_bits_is_no_fault_of_the_server() {
    let api = Api::public();
    let answer = api.guest().get(api.links() + "?page=99999999999999999999999").send();
    assert!(matches!(answer.status, 200 | 400), "{answer:?}");
}

#[test]
fn without_parameters_a_page_has_20_links() {
    let api = with_links(21);
    let answer = api.guest().get(api.links()).send().status(200);
    assert_eq!(names(&answer).len(), 20);
    counts(&answer, ["21", "2", "1", "20", "2", ""]);
    leads_to(&answer, &api.links(), &[("next", 2), ("first", 1), ("last", 2)], &["per_page=20"]);
}

#[test]
fn a_size_above_100_is_100_in_the_headers_too() {
    let api = Api::public();
    let links: Vec<Value> = (0..101).map(|n| json!({ "name": n, "url": format!("http://{n}") })).collect();
    let release = json!({ "tag_name": "many", "assets": { "links": links } });
    api.developer().post(api.releases()).json(release).send().status(201);
    let target = api.links_of("many");
    let answer = api.guest().get(format!("{target}?per_page=500")).send().status(200);
    assert_eq!(names(&answer).len(), 100);
    counts(&answer, ["101", "2", "1", "100", "2", ""]);
    leads_to(&answer, &target, &[("next", 2), ("first", 1), ("last", 2)], &["per_page=100"]);
}

#[test]
fn the_links_keep_the_query_and_leave_credentials_out() {
    let api = with_links(2);
    let developer = api.developer();
    let query = format!(
        "?per_page=1&x=a%20b%3E%22%2C&private_token={}&list[]=1&list[]=2&access_token=b&job_token=c&pagination=keyset&order_by=id",
        developer.token()
    );
    let answer = api.anonymous().get(api.links() + &query).send().status(200);
    for (_, url) in relations(&answer) {
        let (_, pairs) = taken_apart(&url);
        let decoded: BTreeSet<String> =
            pairs.iter().map(|pair| pair.replace('+', "%20").replace("%5B", "[").replace("%5D", "]")).collect();
        for kept in ["per_page=1", "x=a%20b%3E%22%2C", "list[]=1", "list[]=2", "pagination=keyset", "order_by=id"] {
            assert!(decoded.contains(kept), "{kept} is missing in {url}");
        }
        assert!(!url.contains("token") && !url.contains(developer.token()), "{url}");
    }
}

#[test]
fn a_credential_is_left_out_of_links_and_redirects_however_its_name_is_spelled() {
    let api = Api::private();
    let guest = api.guest();
    for name in ["private_token]", "[private_token", "[]private_token", "%5Baccess%5Ftoken%5D", "]access_token]"] {
        let query = format!("?a=b&{name}={}", guest.token());
        let answer = api.anonymous().get(api.links() + &query).send().status(200);
        leads_to(&answer, &api.links(), &[("first", 1), ("last", 1)], &["a=b", "per_page=20"]);
        let newest = format!("/{}/-/releases/permalink/latest{query}", api.path);
        let location = format!("https://gitlab.example.com/{}/-/releases/v1.7.0?a=b", api.path);
        assert_eq!(api.anonymous().get(newest).send().status(302).header("location"), Some(&*location));
    }
}

#[test]
fn a_credential_under_an_encoded_name_is_left_out_as_well() {
    let api = Api::private();
    let guest = api.guest();
    let query = format!("?per%5Fpage=1&private%5Ftoken={}&%61ccess_token=b", guest.token());
    let answer = api.anonymous().get(api.links() + &query).send().status(200);
    leads_to(&answer, &api.links(), &[("first", 1), ("last", 1)], &["per_page=1"]);
}

#[test]
fn the_links_lead_through_the_whole_list() {
    let api = Api::public();
    api.release("release/1.0+a b");
    let project = encoded(&api.path);
    let list = format!("/api/v4/projects/{project}/releases/{}/assets/links", encoded("release/1.0+a b"));
    for number in 1..=5 {
        let draft = json!({ "name": number, "url": format!("http://{number}") });
        api.developer().post(&list).json(draft).send().status(201);
    }
    let mut seen = Vec::new();
    let mut target = format!("{list}?per_page=2");
    for _ in 0..3 {
        let answer = api.guest().get(&target).send().status(200);
        seen.extend(names(&answer));
        let relations = relations(&answer);
        let Some((_, next)) = relations.iter().find(|(relation, _)| relation == "next") else {
            break;
        };
        target = next.strip_prefix(EXTERNAL).expect("on the external URL").to_owned();
    }
    assert_eq!(seen, ["5", "4", "3", "2", "1"]);
}

#[test]
fn an_update_does_not_move_a_link() {
    let api = with_links(3);
    let oldest = api.guest().get(api.links()).send().json()[2]["id"].as_u64().unwrap();
    api.developer().put(api.link(oldest)).json(json!({ "name": "new" })).send().status(200);
    assert_eq!(names(&api.guest().get(api.links()).send()), ["3", "2", "new"]);
}
