//! Medians over rounds.

use crate::load::Run;

/// Values that have a median.
pub(crate) trait Median<T> {
    fn median(&self) -> Option<T>;
}

impl Median<f64> for [f64] {
    fn median(&self) -> Option<f64> {
        let mut sorted = self.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied()
    }
}

/// The median of each figure separately.
impl Median<Run> for [Run] {
    fn median(&self) -> Option<Run> {
        let of = |figure: fn(&Run) -> f64| self.iter().map(figure).collect::<Vec<_>>().median();
        Some(Run {
            requests: self.iter().map(|run| run.requests).sum(),
            per_second: of(|run| run.per_second)?,
            p50: of(|run| run.p50)?,
            p99: of(|run| run.p99)?,
            cpu: of(|run| run.cpu)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one_whatever_the_order() {
        assert_eq!([3.0, 1.0, 100.0, 2.0, 0.5].median(), Some(2.0));
        assert_eq!([0.0; 0].median(), None);
    }
}
