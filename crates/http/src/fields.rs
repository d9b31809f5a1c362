//! Reads parameters in their declared order and collects every fault (docs/contract.md, "Parameter errors").

use std::cmp::Ordering;
use std::fmt::Display;
use std::str::FromStr;

use release_links_domain::link::Change;
use release_links_usecases::ParameterFaults;

use crate::Limits;
use crate::error::ApiError;
use crate::params::{Param, Params};

/// The fault of a value that is not one of those allowed.
pub(crate) const NOT_A_VALID_VALUE: &str = "does not have a valid value";

/// Reads one set of parameters, such as a request's own or those of one of its links.
pub(crate) struct Fields {
    params: Params,
    /// The prefix of names in faults: empty, or `assets[links][0]`.
    prefix: String,
    faults: ParameterFaults,
}

impl Fields {
    /// Creates a reader of a request's own parameters.
    pub(crate) fn of(params: Params) -> Self {
        Self { params, prefix: String::new(), faults: ParameterFaults::default() }
    }

    /// Creates a reader of nested parameters, which faults name `prefix[…]`.
    pub(crate) fn below(params: Params, prefix: String) -> Self {
        Self { params, prefix, faults: ParameterFaults::default() }
    }

    /// Moves a parameter to a reader whose faults are its own.
    pub(crate) fn apart(&mut self, name: &str) -> Self {
        Self { params: self.params.split_off(name), prefix: self.prefix.clone(), faults: ParameterFaults::default() }
    }

    /// Adds the faults of another reader.
    pub(crate) fn absorb(&mut self, other: Self) {
        other.faults.0.into_iter().for_each(|fault| self.add(fault));
    }

    /// Adds a fault, unless the list is full.
    fn add(&mut self, fault: String) {
        let faults = &mut self.faults.0;
        match faults.len().cmp(&Limits::FAULTS) {
            Ordering::Less => faults.push(fault),
            Ordering::Equal => faults.push("further faults are not listed".to_owned()),
            Ordering::Greater => {}
        }
    }

    /// Returns a parameter as it was sent.
    pub(crate) fn sent(&self, name: &str) -> Option<&Param> {
        self.params.get(name)
    }

    /// Removes a parameter that is read by other means; it counts as absent from then on.
    pub(crate) fn take(&mut self, name: &str) -> Option<Param> {
        self.params.remove(name)
    }

    /// Records a fault of one parameter, such as `name is missing`.
    pub(crate) fn fault(&mut self, name: &str, fault: impl Display) {
        let message =
            if self.prefix.is_empty() { format!("{name} {fault}") } else { format!("{}[{name}] {fault}", self.prefix) };
        self.add(message);
    }

    /// Records a fault unless at least one of the parameters was sent; no names require nothing.
    pub(crate) fn require_one_of(&mut self, names: &[&str]) {
        if !names.is_empty() && !names.iter().any(|name| self.has(name)) {
            self.add(format!("{} are missing, at least one parameter must be provided", names.join(", ")));
        }
    }

    /// Records a fault for each filter that this server lacks, unless it is false or empty and so narrows nothing: a
    /// missing filter would show everything.
    pub(crate) fn refuse_lacked(&mut self, names: &[&str]) {
        for name in names {
            if self.params.get(name).is_some_and(narrows) {
                self.fault(name, "is not supported");
            }
        }
    }

    /// Records a fault if a required parameter is absent; null counts as present.
    pub(crate) fn require(&mut self, name: &str) {
        if self.params.get(name).is_none() {
            self.fault(name, "is missing");
        }
    }

    /// Records a fault for each parameter whose name is not known.
    pub(crate) fn refuse_unknown(&mut self, is_known: impl Fn(&str) -> bool) {
        let unknown: Vec<String> = self.params.names().filter(|name| !is_known(name)).map(str::to_owned).collect();
        for name in unknown {
            self.fault(&name, "is unknown");
        }
    }

    /// Whether the parameter was sent at all.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.params.get(name).is_some()
    }

    /// Reads a text as a change: absent keeps the value, null clears it.
    pub(crate) fn change(&mut self, name: &str) -> Change<String> {
        match self.params.get(name) {
            None => Change::Keep,
            Some(Param::Null) => Change::Clear,
            Some(Param::Text(text)) => Change::Set(text.clone()),
            Some(Param::List(_) | Param::Map(_)) => {
                self.fault(name, "is invalid");
                Change::Keep
            }
        }
    }

    /// Reads a text; null counts as absent.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.change(name).apply(None)
    }

    /// Reads a text; null and empty count as absent.
    pub(crate) fn filled_text(&mut self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// Reads a required text, which must not be blank.
    pub(crate) fn present_text(&mut self, name: &str) -> Option<String> {
        self.require(name);
        let text = self.text(name);
        if self.has(name) && text.as_ref().is_none_or(|text| text.trim().is_empty()) {
            self.fault(name, "is empty");
            return None;
        }
        text
    }

    /// Reads a value with its own parser; null counts as absent.
    pub(crate) fn parsed<T>(&mut self, name: &str) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        let text = self.text(name)?;
        text.parse().map_err(|fault| self.fault(name, fault)).ok()
    }

    /// Reads an integer; null counts as absent.
    pub(crate) fn integer(&mut self, name: &str) -> Option<i64> {
        let text = self.text(name)?;
        let number = parse_integer(&text);
        if number.is_none() {
            self.fault(name, "is invalid");
        }
        number
    }

    /// Reads an id; null and empty count as absent.
    pub(crate) fn id<T: TryFrom<i64>>(&mut self, name: &str) -> Option<T> {
        let text = self.filled_text(name)?;
        let id = parse_integer(&text).and_then(|number| T::try_from(number).ok());
        if id.is_none() {
            self.fault(name, "is invalid");
        }
        id
    }

    /// Reads a list of ids, which may also be one text with commas; null and empty count as absent. A number that no id
    /// has is left out: it names nothing.
    pub(crate) fn ids<T: TryFrom<i64>>(&mut self, name: &str) -> Option<Vec<T>> {
        let texts: Option<Vec<&str>> = match self.params.get(name)? {
            Param::Null => return None,
            Param::Text(text) => Some(text.split(',').collect()),
            Param::List(list) => {
                list.iter().map(|id| if let Param::Text(id) = id { Some(id.as_str()) } else { None }).collect()
            }
            Param::Map(_) => None,
        };
        let sent = texts.map(|texts| texts.into_iter().filter(|text| !text.trim().is_empty()).collect::<Vec<_>>());
        let numbers: Option<Vec<i64>> = sent.and_then(|sent| sent.into_iter().map(parse_integer).collect());
        let Some(numbers) = numbers else {
            self.fault(name, "is invalid");
            return None;
        };
        (!numbers.is_empty()).then(|| numbers.into_iter().filter_map(|number| T::try_from(number).ok()).collect())
    }

    /// Returns an id without recording a fault; one that is invalid counts as absent.
    pub(crate) fn valid_id<T: TryFrom<i64>>(&self, name: &str) -> Option<T> {
        let Param::Text(text) = self.params.get(name)? else { return None };
        parse_integer(text).and_then(|number| T::try_from(number).ok())
    }

    /// Reads a boolean; null and empty count as absent. Python's clients send `True` and `False`.
    pub(crate) fn boolean(&mut self, name: &str) -> Option<bool> {
        match self.text(name)?.to_ascii_lowercase().as_str() {
            "" => None,
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => {
                self.fault(name, "is invalid");
                None
            }
        }
    }

    /// Reads one of the `allowed` words, which the fault lists. Null counts as absent.
    pub(crate) fn word<T: Copy + Display>(&mut self, name: &str, allowed: &[T]) -> Option<T> {
        let text = self.text(name)?;
        let found = allowed.iter().copied().find(|word| word.to_string() == text);
        if found.is_none() {
            self.fault(name, not_among(allowed));
        }
        found
    }

    /// Reads the number of one of the `allowed` values, such as an access level; the fault lists the numbers. Null
    /// counts as absent.
    pub(crate) fn numbered<T: TryFrom<i64> + Into<i64> + Copy>(&mut self, name: &str, allowed: &[T]) -> Option<T> {
        let found = T::try_from(self.integer(name)?).ok();
        if found.is_none() {
            self.fault(name, not_among(&allowed.iter().map(|&value| value.into()).collect::<Vec<i64>>()));
        }
        found
    }

    /// Returns the values, or the faults. For values that are only ever missing because of a fault.
    pub(crate) fn finish_whole<T>(self, values: Option<T>) -> Result<T, ParameterFaults> {
        match values {
            Some(values) => self.finish(values),
            None => Err(self.faults),
        }
    }

    /// Returns the values, or the faults if there are any.
    pub(crate) fn finish<T>(self, values: T) -> Result<T, ParameterFaults> {
        if self.faults.0.is_empty() { Ok(values) } else { Err(self.faults) }
    }
}

/// Whether a filter with this value narrows a list.
fn narrows(param: &Param) -> bool {
    match param {
        Param::Null => false,
        Param::Text(text) => !["", "false", "0"].contains(&text.to_ascii_lowercase().as_str()),
        Param::List(list) => list.iter().any(narrows),
        Param::Map(_) => true,
    }
}

/// Returns the fault of a value that is not one of `allowed`, which it lists.
pub(crate) fn not_among<T: Display>(allowed: &[T]) -> String {
    format!("{NOT_A_VALID_VALUE}, allowed are {}", allowed.iter().map(T::to_string).collect::<Vec<_>>().join(", "))
}

/// Parses an integer as Ruby's `Integer()` does in base ten; one beyond 64 bits becomes the nearest that fits.
pub(crate) fn parse_integer(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX }))
}

impl From<ParameterFaults> for ApiError {
    fn from(faults: ParameterFaults) -> Self {
        Self::Parameters(faults.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_faults_are_listed_and_the_rest_summarised() {
        let faults = |count: usize| {
            let mut fields = Fields::of(Params::default());
            (0..count).for_each(|number| fields.fault("x", number));
            fields.finish(()).unwrap_err().0
        };
        assert_eq!(faults(100).len(), 100);
        assert_eq!(faults(100).last().map(String::as_str), Some("x 99"));
        for count in [101, 20_000] {
            assert_eq!(faults(count)[..100], faults(100));
            assert_eq!(faults(count)[100..], ["further faults are not listed"]);
        }
    }

    #[test]
    fn a_boolean_is_true_or_false_in_any_case_or_a_digit() {
        let boolean = |text: &str| {
            let mut fields = Fields::of(crate::params::tests::from_form(format!("x={text}").as_bytes()).unwrap());
            let value = fields.boolean("x");
            fields.finish(value).map_err(|faults| faults.0)
        };
        for (texts, expected) in
            [(&["true", "True", "TRUE", "1"][..], Some(true)), (&["false", "False", "0"], Some(false)), (&[""], None)]
        {
            for text in texts {
                assert_eq!(boolean(text), Ok(expected), "{text}");
            }
        }
        for text in ["t", "f", "on", "off", "yes", "2", "-1", " true", "null"] {
            assert_eq!(boolean(text), Err(vec!["x is invalid".to_owned()]), "{text}");
        }
    }

    #[test]
    fn a_filter_that_is_lacked_is_refused_unless_it_is_false_or_empty() {
        let refused = |form: &str| {
            let mut fields = Fields::of(crate::params::tests::from_form(form.as_bytes()).unwrap());
            fields.refuse_lacked(&["x", "y"]);
            fields.finish(()).err().map(|faults| faults.0).unwrap_or_default()
        };
        for form in ["", "z=1", "x", "x=", "x=false", "x=False", "x=0", "x[]=", "x[]", "x[]=false"] {
            assert_eq!(refused(form), [""; 0], "{form}");
        }
        for form in ["x=true", "x=1", "x=enabled", "x=no", "x=%20", "x[]=a", "x[a]=", "x[a]=b", "x[][a]=b"] {
            assert_eq!(refused(form), ["x is not supported"], "{form}");
        }
        assert_eq!(refused("y=1&x=2"), ["x is not supported", "y is not supported"]);
    }

    #[test]
    fn an_integer_is_digits_with_an_optional_sign() {
        for (text, expected) in [
            ("1", Some(1)),
            ("-1", Some(-1)),
            ("+1", Some(1)),
            (" 7 ", Some(7)),
            ("007", Some(7)),
            ("99999999999999999999", Some(i64::MAX)),
            ("-99999999999999999999", Some(i64::MIN)),
            ("", None),
            ("-", None),
            ("1.0", None),
            ("1e3", None),
            ("abc", None),
            ("٣", None),
        ] {
            assert_eq!(parse_integer(text), expected, "{text:?}");
        }
    }
}
