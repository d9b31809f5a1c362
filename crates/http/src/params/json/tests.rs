//! Tests of the JSON parser.

use proptest::prelude::*;

use super::*;
use crate::params::tests::{from_json, text};

fn value_of(json: &str) -> Param {
    let object = format!(r#"{{"v":{json}}}"#);
    from_json(object.as_bytes()).unwrap().remove("v").expect("the key exists")
}

fn assert_malformed(json: &[u8]) {
    let shown = String::from_utf8_lossy(&json[..json.len().min(60)]);
    assert_eq!(from_json(json), Err(Malformed::Json), "{shown}");
}

#[test]
fn numbers_and_booleans_become_text() {
    for (json, expected) in [
        ("true", "true"),
        ("false", "false"),
        ("0", "0"),
        ("-7", "-7"),
        ("18446744073709551615", "18446744073709551615"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1.0", "1.0"),
        ("1.50", "1.5"),
        ("1e3", "1000.0"),
        ("1e15", "1000000000000000.0"),
        ("1e16", "1.0e+16"),
        ("-1.25e100", "-1.25e+100"),
        ("0.0001", "0.0001"),
        ("0.00001", "1.0e-05"),
    ] {
        assert_eq!(value_of(json), text(expected), "{json}");
    }
}

#[test]
fn strings_are_unescaped() {
    assert_eq!(value_of(r#""a\n\u00e9\ud83d\ude00\/é""#), text("a\né😀/é"));
    assert_eq!(value_of(r#""""#), text(""));
}

#[test]
fn null_lists_and_objects_keep_their_shape() {
    assert_eq!(value_of("null"), Param::Null);
    assert_eq!(value_of("[]"), Param::List(Vec::new()));
    assert_eq!(value_of("{}"), Param::Map(Params::default()));
    assert_eq!(value_of("[null,[1]]"), Param::List(vec![Param::Null, Param::List(vec![text("1")])]));
}

#[test]
fn brackets_in_a_key_do_not_nest() {
    assert_eq!(from_json(br#"{"a[b]":1}"#).unwrap().get("a[b]"), Some(&text("1")));
}

#[test]
fn the_last_of_repeated_keys_replaces_the_others() {
    let params = from_json(br#"{"a":{"x":1},"b":1,"a":{"y":2},"b":null}"#).unwrap();
    assert_eq!(params, from_json(br#"{"a":{"y":2},"b":null}"#).unwrap());
}

#[test]
fn a_body_that_is_not_an_object_has_no_parameters() {
    for json in ["", "{}", " {} \n", "[]", r#"[{"name":"x"}]"#, r#""name""#, "1", "null", "true"] {
        assert_eq!(from_json(json.as_bytes()), Ok(Params::default()), "{json}");
    }
}

#[test]
fn what_is_not_exactly_one_json_value_is_malformed() {
    for json in [
        " ",
        "{",
        "}",
        "{\"a\":1",
        "{a:1}",
        "{'a':1}",
        "{\"a\":1,}",
        "{\"a\"}",
        "[1",
        "nul",
        "{}{}",
        "{} x",
        "[] ]",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":NaN}",
        "{\"a\":1e999}",
        "{1:2}",
        "\u{feff}{}",
        "{\"a\":\"\n\"}",
        "name=x",
    ] {
        assert_malformed(json.as_bytes());
    }
}

#[test]
fn text_that_is_not_unicode_is_malformed() {
    assert_malformed(b"{\"a\":\"\xff\"}");
    assert_malformed(b"{\"\xc3\":1}");
    for escape in [r"\ud800", r"\udc00", r"\ud800\u0041", r"\ud800\ud800", r"\u12"] {
        assert_malformed(format!(r#"{{"a":"{escape}"}}"#).as_bytes());
    }
}

#[test]
fn a_nul_is_malformed_anywhere() {
    for json in [
        r#"{"a":"x\u0000"}"#,
        r#"{"a\u0000":1}"#,
        r#"{"a":[{"b":"\u0000"}]}"#,
        r#"["\u0000"]"#,
        "{\"a\":\"\0\"}",
        "{}\0",
    ] {
        assert_malformed(json.as_bytes());
    }
}

#[test]
fn nesting_is_allowed_up_to_the_limit() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(from_json(nested(MAX_DEPTH).as_bytes()), Ok(Params::default()));
    assert_malformed(nested(MAX_DEPTH + 1).as_bytes());
    assert_malformed("[".repeat(1 << 20).as_bytes());
    assert_malformed(r#"{"a":"#.repeat(200_000).as_bytes());
}

#[test]
fn many_keys_and_elements_are_read() {
    let keys: Vec<String> = (0..9_000).map(|at| format!("\"{at}\":0")).collect();
    let json = format!(r#"{{"list":[{}0],{}}}"#, "{},".repeat(9_000), keys.join(","));
    let mut params = from_json(json.as_bytes()).unwrap();
    assert!(matches!(params.remove("list"), Some(Param::List(list)) if list.len() == 9_001));
    assert_eq!(params.names().count(), 9_000);
}

#[test]
fn items_and_members_count_towards_the_limit_at_every_level() {
    for (start, item, end) in
        [("[", "0", "]"), ("[", "[]", "]"), (r#"{"":["#, "0", "]}"), ("{", r#""":0"#, "}"), (r#"[{"":0},"#, "{}", "]")]
    {
        // The key of the list, or the first item and its member.
        let others = if start.contains(':') { 1 + usize::from(start.starts_with('[')) } else { 0 };
        let json = |items: usize| format!("{start}{}{end}", vec![item; items].join(","));
        assert!(from_json(json(Allowance::PARAMETERS - others).as_bytes()).is_ok(), "{start}");
        assert_malformed(json(Allowance::PARAMETERS - others + 1).as_bytes());
    }
}

#[test]
fn an_object_stays_an_object_whatever_its_keys() {
    for name in ["$serde_json::private::Number", r"\u0024serde_json::private::Number", "$serde_json::private::RawValue"]
    {
        for value in [r#""5""#, "5", r#"{"a":1}"#, "null"] {
            let object = value_of(&format!(r#"{{"{name}":{value}}}"#));
            let Param::Map(members) = object else { panic!("{name} {value}") };
            assert_eq!(members.names().collect::<Vec<_>>(), [name.replace(r"\u0024", "$")]);
        }
    }
}

/// Generates JSON text, and the parameter that it is parsed to.
fn any_value() -> impl Strategy<Value = (String, Param)> {
    let name = prop_oneof![
        Just("$serde_json::private::Number".to_owned()),
        Just("$serde_json::private::RawValue".to_owned()),
        "[a-c]"
    ];
    let scalar = prop_oneof![
        Just(("null".to_owned(), Param::Null)),
        any::<bool>().prop_map(|value| (value.to_string(), text(&value.to_string()))),
        "-?[1-9][0-9]{0,30}".prop_map(|digits| (digits.clone(), text(&digits))),
        "[0-9a]{0,3}".prop_map(|value| (format!("{value:?}"), text(&value))),
    ];
    scalar.prop_recursive(4, 24, 3, move |value| {
        let list = proptest::collection::vec(value.clone(), 0..3).prop_map(|items| {
            let (json, params): (Vec<_>, Vec<_>) = items.into_iter().unzip();
            (format!("[{}]", json.join(", ")), Param::List(params))
        });
        let object = proptest::collection::vec((name.clone(), value), 0..3).prop_map(|members| {
            let mut params = Params::default();
            let mut json = Vec::new();
            for (name, (value, param)) in members {
                json.push(format!("{name:?}: {value}"));
                params.insert(name, param);
            }
            (format!("{{{}}}", json.join(", ")), Param::Map(params))
        });
        prop_oneof![list, object]
    })
}

proptest! {
    #[test]
    fn numbers_and_objects_are_distinguished_at_every_level((json, expected) in any_value()) {
        prop_assert_eq!(value_of(&json), expected);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
        let _ = from_json(&bytes);
    }

    #[test]
    fn json_like_text_that_is_no_json_is_refused(json in r#"[\[\]{}",:\\u0d8a1.eE+ -]{0,60}"#) {
        let is_json = serde_json::from_str::<serde_json::Value>(&json).is_ok();
        prop_assert!(is_json || json.is_empty() || from_json(json.as_bytes()).is_err());
    }

    #[test]
    fn a_string_round_trips(value in "[^\0]*") {
        let json = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(value_of(&json), text(&value));
    }

    #[test]
    fn the_text_of_a_float_reads_as_the_same_float(value in proptest::num::f64::NORMAL) {
        prop_assert_eq!(float_text(value).parse::<f64>().unwrap().to_bits(), value.to_bits());
    }
}
