//! Query strings and `application/x-www-form-urlencoded` bodies.

use super::{Allowance, Malformed, Param, Params, nesting, percent};

/// Parses a query string or form. Names nest as in Rack, and the last of repeated plain names wins.
///
/// # Errors
/// Returns an error for a broken escape, bytes that are not UTF-8, a NUL, conflicting names, or more parameters than
/// `allowance` permits.
pub(crate) fn from_form(bytes: &[u8], allowance: &mut Allowance) -> Result<Params, Malformed> {
    let mut params = Params::default();
    for field in bytes.split(|byte| *byte == b'&').filter(|field| !field.is_empty()) {
        allowance.spend()?;
        let (name, value) = match field.iter().position(|byte| *byte == b'=') {
            Some(at) => (&field[..at], Param::Text(decode(&field[at + 1..])?)),
            None => (field, Param::Null),
        };
        nesting::insert(&mut params, &decode(name)?, value, allowance)?;
    }
    Ok(params)
}

fn decode(raw: &[u8]) -> Result<String, Malformed> {
    if !raw.contains(&b'+') {
        return percent::decode(raw);
    }
    let spaced: Vec<u8> = raw.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent::decode(&spaced)
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::collection::btree_map;
    use proptest::prelude::*;

    use super::*;
    use crate::params::tests::{from_form, params, text};

    #[test]
    fn names_and_values_are_decoded() {
        let params = params("n%61me=a+b%2Bc%26d%3De&url=https://x.example/?q=1=2");
        assert_eq!(params.get("name"), Some(&text("a b+c&d=e")));
        assert_eq!(params.get("url"), Some(&text("https://x.example/?q=1=2")));
    }

    #[test]
    fn raw_utf8_is_text() {
        assert_eq!(params("n=é").get("n"), Some(&text("é")));
    }

    #[test]
    fn a_field_without_an_equals_sign_is_null_and_with_one_empty_text() {
        let params = params("a&b=");
        assert_eq!(params.get("a"), Some(&Param::Null));
        assert_eq!(params.get("b"), Some(&text("")));
    }

    #[test]
    fn empty_fields_are_skipped() {
        assert_eq!([params(""), params("&&")], [Params::default(), Params::default()]);
        assert_eq!(params("&a=1&&b=2&"), params("a=1&b=2"));
    }

    #[test]
    fn the_last_of_repeated_names_wins() {
        assert_eq!(params("a=1&a=2").get("a"), Some(&text("2")));
        assert_eq!(params("a=1&a").get("a"), Some(&Param::Null));
    }

    #[test]
    fn a_fault_in_a_name_or_a_value_is_malformed() {
        for (fault, malformed) in [
            ("%zz", Malformed::Percent),
            ("%a", Malformed::Percent),
            ("%ff", Malformed::Utf8),
            ("%00", Malformed::Nul),
            ("\0", Malformed::Nul),
        ] {
            for form in
                [format!("a=1&{fault}=1"), format!("a={fault}"), format!("a[{fault}][]=1&b=1"), fault.to_owned()]
            {
                assert_eq!(from_form(form.as_bytes()), Err(malformed), "{form:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            let _ = from_form(&bytes);
        }

        #[test]
        fn any_brackets_are_read_or_refused(form in "[ab=&\\[\\]]{0,60}") {
            let _ = from_form(form.as_bytes());
        }

        #[test]
        fn encoded_parameters_round_trip(sent in any_params()) {
            let mut fields = Vec::new();
            for (name, param) in &sent.by_name {
                push_fields(name, param, &mut fields);
            }
            prop_assert_eq!(from_form(fields.join("&").as_bytes()), Ok(sent));
        }
    }

    /// Parameters that a form can express in any order of its fields: a list has only plain values or one map.
    fn any_params() -> impl Strategy<Value = Params> {
        let name = "[^\0\\[\\]]{1,4}";
        let plain = prop_oneof![Just(Param::Null), "[^\0]{0,6}".prop_map(Param::Text)];
        let list = proptest::collection::vec(plain.clone(), 1..4).prop_map(Param::List);
        let param = prop_oneof![plain, list].prop_recursive(5, 24, 4, move |below| {
            let map = btree_map(name, below, 1..4).prop_map(|by_name| Param::Map(Params { by_name }));
            prop_oneof![map.clone(), map.prop_map(|map| Param::List(vec![map]))]
        });
        btree_map(name, param, 0..4).prop_map(|by_name| Params { by_name })
    }

    /// Adds the fields of the form that say that `name` is `param`.
    fn push_fields(name: &str, param: &Param, fields: &mut Vec<String>) {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        match param {
            Param::Null => fields.push(encode(name)),
            Param::Text(value) => fields.push(format!("{}={}", encode(name), encode(value))),
            Param::List(items) => items.iter().for_each(|item| push_fields(&format!("{name}[]"), item, fields)),
            Param::Map(map) => {
                map.by_name.iter().for_each(|(key, param)| push_fields(&format!("{name}[{key}]"), param, fields));
            }
        }
    }
}
