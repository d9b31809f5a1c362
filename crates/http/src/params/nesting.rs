//! Interprets brackets in the names of form fields as Rack does: `a[b]` is a map, `a[]` a list.

use super::{Allowance, MAX_DEPTH, Malformed, Param, Params};

/// Inserts `value` where the field's `name` says; a name without a key is ignored.
///
/// # Errors
/// Returns an error for a conflict with an earlier value, more than [`MAX_DEPTH`] levels, or more nested maps and lists
/// than `allowance` permits.
pub(super) fn insert(
    params: &mut Params,
    name: &str,
    value: Param,
    allowance: &mut Allowance,
) -> Result<(), Malformed> {
    Level { depth: 0, allowance }.insert(params, name, value)
}

/// The current depth within a name, and the allowance for nested maps and lists.
struct Level<'a> {
    depth: usize,
    allowance: &'a mut Allowance,
}

impl Level<'_> {
    fn insert(mut self, params: &mut Params, name: &str, value: Param) -> Result<(), Malformed> {
        if self.depth >= MAX_DEPTH {
            return Err(Malformed::TooDeep);
        }
        let (key, rest) = split_key(name);
        if key.is_empty() {
            return Ok(());
        }
        match rest {
            "" => params.insert(key.to_owned(), value),
            // A lone bracket at the end nests nothing; it belongs to the name.
            "[" => params.insert(name.to_owned(), value),
            "[]" => self.list_at(params, key)?.push(value),
            _ => {
                if let Some(element) = rest.strip_prefix("[]") {
                    let list = self.list_at(params, key)?;
                    self.below().insert_element(list, element, value)?;
                } else {
                    let map = self.map_at(params, key)?;
                    self.below().insert(map, rest, value)?;
                }
            }
        }
        Ok(())
    }

    fn below(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    /// Inserts into the last map of the list, or into a new one if the last has the key already.
    fn insert_element(self, list: &mut Vec<Param>, name: &str, value: Param) -> Result<(), Malformed> {
        if name == "[]" {
            self.allowance.spend()?;
            list.push(Param::List(vec![value]));
            return Ok(());
        }
        if let Some(Param::Map(last)) = list.last_mut()
            && find(last, name).is_none()
        {
            return self.insert(last, name, value);
        }
        self.allowance.spend()?;
        let mut next = Params::default();
        self.insert(&mut next, name, value)?;
        list.push(Param::Map(next));
        Ok(())
    }

    fn list_at<'a>(&mut self, params: &'a mut Params, key: &str) -> Result<&'a mut Vec<Param>, Malformed> {
        match self.slot(params, key, || Param::List(Vec::new()))? {
            Param::List(list) => Ok(list),
            _ => Err(Malformed::Conflict),
        }
    }

    fn map_at<'a>(&mut self, params: &'a mut Params, key: &str) -> Result<&'a mut Params, Malformed> {
        match self.slot(params, key, || Param::Map(Params::default()))? {
            Param::Map(map) => Ok(map),
            _ => Err(Malformed::Conflict),
        }
    }

    /// Returns the value at the key. A null is replaced by `new`, which counts unless it is at the top level.
    fn slot<'a>(
        &mut self,
        params: &'a mut Params,
        key: &str,
        new: impl FnOnce() -> Param,
    ) -> Result<&'a mut Param, Malformed> {
        let slot = params.slot(key);
        if matches!(slot, Param::Null) {
            if self.depth > 0 {
                self.allowance.spend()?;
            }
            *slot = new();
        }
        Ok(slot)
    }
}

/// Splits `[b][c]` or `b[c]` into `b` and `[c]`.
fn split_key(name: &str) -> (&str, &str) {
    let name = name.trim_start_matches(['[', ']']);
    let (key, rest) = name.split_at(name.find(['[', ']']).unwrap_or(name.len()));
    (key, rest.trim_start_matches(']'))
}

/// Returns the value of `name` in `params`. A list is never found, because it accepts any number of values.
fn find<'a>(params: &'a Params, name: &str) -> Option<&'a Param> {
    if name.contains("[]") {
        return None;
    }
    let mut keys = name.split(['[', ']']).filter(|key| !key.is_empty());
    let first = params.get(keys.next()?)?;
    keys.try_fold(first, |param, key| match param {
        Param::Map(map) => map.get(key),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use crate::params::tests::{from_form, from_json, params, text};
    use crate::params::{Allowance, MAX_DEPTH, Malformed, Param, Params};

    /// Asserts that a form is parsed to the same parameters as the JSON.
    fn assert_reads_as(form: &str, json: &str) {
        assert_eq!(params(form), from_json(json.as_bytes()).unwrap(), "{form}");
    }

    #[test]
    fn brackets_make_maps_and_lists() {
        assert_reads_as("a[b]=1", r#"{"a":{"b":"1"}}"#);
        assert_reads_as("a[b]=1&a[c][d]=2", r#"{"a":{"b":"1","c":{"d":"2"}}}"#);
        assert_reads_as("a[]=1&a[]=2&a[]=", r#"{"a":["1","2",""]}"#);
        assert_reads_as("a[b][]=1&a[b][]=2", r#"{"a":{"b":["1","2"]}}"#);
        assert_reads_as("a[][]=1&a[][]=2", r#"{"a":[["1"],["2"]]}"#);
    }

    #[test]
    fn a_repeated_key_starts_the_next_element() {
        assert_reads_as(
            "assets[links][][name]=a&assets[links][][url]=b&assets[links][][name]=c&assets[links][][url]=d",
            r#"{"assets":{"links":[{"name":"a","url":"b"},{"name":"c","url":"d"}]}}"#,
        );
        assert_reads_as("a[][x][y]=1&a[][x][z]=2&a[][x][y]=3", r#"{"a":[{"x":{"y":"1","z":"2"}},{"x":{"y":"3"}}]}"#);
    }

    #[test]
    fn a_list_within_an_element_stays_in_the_same_element() {
        assert_reads_as("a[][x][]=1&a[][x][]=2&a[][y]=3&a[][y]=4", r#"{"a":[{"x":["1","2"],"y":"3"},{"y":"4"}]}"#);
    }

    #[test]
    fn an_element_that_is_not_a_map_is_followed_by_a_new_one() {
        assert_reads_as("a[]=1&a[][x]=2", r#"{"a":["1",{"x":"2"}]}"#);
    }

    #[test]
    fn an_index_is_a_key() {
        assert_reads_as("a[0][b]=1&a[1][b]=2", r#"{"a":{"0":{"b":"1"},"1":{"b":"2"}}}"#);
    }

    #[test]
    fn escaped_brackets_nest_like_raw_ones() {
        assert_reads_as("a%5Bb%5D%5B%5D=1", r#"{"a":{"b":["1"]}}"#);
    }

    #[test]
    fn a_key_without_a_value_is_null_at_every_level() {
        assert_reads_as("a[]&b[c]", r#"{"a":[null],"b":{"c":null}}"#);
    }

    #[test]
    fn a_name_used_as_two_types_is_malformed() {
        for form in ["a=1&a[b]=2", "a=1&a[]=2", "a[b]=1&a[]=2", "a[]=1&a[b]=2", "a=&a[][b]=1"] {
            assert_eq!(from_form(form.as_bytes()), Err(Malformed::Conflict), "{form}");
        }
    }

    #[test]
    fn a_list_or_map_replaces_a_null_and_a_plain_value_replaces_both() {
        assert_reads_as("a&a[]=1&b&b[c]=1", r#"{"a":["1"],"b":{"c":"1"}}"#);
        assert_reads_as("a[]=1&a=2&b[c]=1&b=2", r#"{"a":"2","b":"2"}"#);
    }

    #[test]
    fn stray_brackets_neither_fail_nor_lose_the_other_fields() {
        for stray in ["[]=1", "[=1", "]=1", "[][]=1", "=1", "="] {
            assert_eq!(params(&format!("{stray}&b=2")), params("b=2"), "{stray}");
        }
        assert_reads_as("[a]=1&b[=2&c]=3", r#"{"a":"1","b[":"2","c":"3"}"#);
    }

    #[test]
    fn nesting_is_allowed_up_to_the_limit() {
        let nested = |levels: usize| format!("a{}=1", "[b]".repeat(levels - 1));
        assert!(from_form(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(from_form(nested(MAX_DEPTH + 1).as_bytes()), Err(Malformed::TooDeep));
        for deep in ["[b]", "[][b]", "[", "[b"] {
            let form = format!("a{}x=1", deep.repeat((1 << 20) / deep.len()));
            let refused = from_form(form.as_bytes()) == Err(Malformed::TooDeep);
            assert_eq!(refused, deep != "[", "{deep}");
        }
    }

    #[test]
    fn a_long_list_of_values_is_read() {
        let list = params(&"a[]=&".repeat(Allowance::PARAMETERS)).remove("a");
        assert!(matches!(list, Some(Param::List(values)) if values.len() == Allowance::PARAMETERS));
    }

    #[test]
    fn a_long_list_of_maps_is_read() {
        let element: Params = params("b=1");
        let list = params(&"a[][b]=1&".repeat(Allowance::PARAMETERS / 2)).remove("a");
        let Some(Param::List(elements)) = list else { panic!("no list") };
        assert_eq!(elements.len(), Allowance::PARAMETERS / 2);
        assert_eq!(elements.last(), Some(&Param::Map(element)));
    }

    #[test]
    fn many_names_in_one_map_are_read() {
        let fields: Vec<String> = (1..Allowance::PARAMETERS).map(|at| format!("a[][{at}]={at}")).collect();
        let Some(Param::List(elements)) = params(&fields.join("&")).remove("a") else { panic!("no list") };
        let [Param::Map(element)] = elements.as_slice() else { panic!("no single map") };
        assert_eq!(element.names().count(), Allowance::PARAMETERS - 1);
        assert_eq!(element.get("19999"), Some(&text("19999")));
    }

    #[test]
    fn every_map_and_list_within_another_counts_as_a_parameter() {
        for (field, parameters) in [
            ("a[]=", 1),
            ("a[x<i>]=", 1),
            ("a<i>[x]=", 1),
            ("a[<i>][x]=", 2),
            ("a[][x]=", 2),
            ("a[][]=", 2),
            ("a[<i>][x][y]=", 3),
        ] {
            let form =
                |fields: usize| (0..fields).map(|i| field.replace("<i>", &i.to_string()) + "&").collect::<String>();
            let most = Allowance::PARAMETERS / parameters;
            assert!(from_form(form(most).as_bytes()).is_ok(), "{field}");
            assert_eq!(from_form(form(most + 1).as_bytes()), Err(Malformed::TooMany), "{field}");
        }
    }
}
