//! With the feature `serde`, values are serialised as their text and deserialised through their parsers.

use release_links_domain::LinkId;
use release_links_domain::link::{AssetPath, Link, LinkName, LinkType, LinkUrl};
use release_links_domain::tag::TagName;

const LINK: &str =
    r#"{"id":1,"fields":{"name":"a","url":"http://a","path":"/bin/a","link_type":"image","digest":null,"size":7}}"#;

#[test]
fn a_deserialised_link_serialises_to_the_same_text() {
    let link: Link = serde_json::from_str(LINK).unwrap();
    assert_eq!(serde_json::to_string(&link).unwrap(), LINK);
}

#[test]
fn a_value_that_its_parser_rejects_does_not_deserialise() {
    let refused = [
        serde_json::from_str::<LinkName>("\" \"").map_err(|error| error.to_string()).err(),
        serde_json::from_str::<LinkUrl>("\"file:///a\"").map_err(|error| error.to_string()).err(),
        serde_json::from_str::<AssetPath>("\"a\"").map_err(|error| error.to_string()).err(),
        serde_json::from_str::<TagName>("\"HEAD\"").map_err(|error| error.to_string()).err(),
        serde_json::from_str::<LinkType>("\"Image\"").map_err(|error| error.to_string()).err(),
        serde_json::from_str::<LinkId>("0").map_err(|error| error.to_string()).err(),
    ];
    let expected = [
        "can't be blank",
        "is blocked: Only allowed schemes are http, https, ftp",
        "is in an invalid format",
        "Tag name invalid",
        "does not have a valid value",
        "0 is not a positive id",
    ];
    assert_eq!(refused, expected.map(|words| Some(words.to_owned())));
}
