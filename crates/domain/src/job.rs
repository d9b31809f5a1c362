//! The duration of a CI job, which is also the lifetime of its token, and how many tokens of jobs a project may have
//! (docs/contract.md, "Provisioning").

use jiff::{SignedDuration, Timestamp};

use crate::word::UnknownWord;

/// How long a job token is valid, in whole seconds: from one second to thirty days.
///
/// ```
/// use release_links_domain::job::JobDuration;
///
/// assert!(JobDuration::try_from(60).is_ok());
/// assert!(JobDuration::try_from(0).is_err());
/// assert!(JobDuration::try_from(JobDuration::MAX_SECONDS + 1).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobDuration(i64);

impl JobDuration {
    /// The minimum, in seconds.
    pub const MIN_SECONDS: i64 = 1;
    /// The maximum, in seconds: thirty days, far more than runners give a job.
    pub const MAX_SECONDS: i64 = 30 * 24 * 60 * 60;

    /// Returns when a job that starts at `start` ends.
    #[must_use]
    pub fn after(self, start: Timestamp) -> Timestamp {
        start.saturating_add(SignedDuration::from_secs(self.0)).unwrap_or(Timestamp::MAX)
    }
}

/// Why a project cannot take another job token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobObstacle {
    /// There already is such a token.
    Taken,
    /// The project already has the maximum number of job tokens in force.
    TooMany,
}

impl JobObstacle {
    /// The maximum number of job tokens in force per project: one for each running job, and no project runs as many at
    /// once. Each new one counts the others.
    pub const MAX_PER_PROJECT: usize = 1_000;

    /// Returns why a project with `jobs` job tokens in force cannot take another, if it cannot. `jobs` need not count
    /// beyond [`MAX_PER_PROJECT`](Self::MAX_PER_PROJECT).
    ///
    /// ```
    /// use release_links_domain::job::JobObstacle;
    ///
    /// assert_eq!(JobObstacle::to_one_more(JobObstacle::MAX_PER_PROJECT - 1), None);
    /// assert_eq!(JobObstacle::to_one_more(JobObstacle::MAX_PER_PROJECT), Some(JobObstacle::TooMany));
    /// ```
    #[must_use]
    pub const fn to_one_more(jobs: usize) -> Option<Self> {
        if jobs >= Self::MAX_PER_PROJECT { Some(Self::TooMany) } else { None }
    }
}

/// One hour, as in GitLab.
impl Default for JobDuration {
    fn default() -> Self {
        Self(60 * 60)
    }
}

impl TryFrom<i64> for JobDuration {
    type Error = UnknownWord;

    fn try_from(seconds: i64) -> Result<Self, UnknownWord> {
        if (Self::MIN_SECONDS..=Self::MAX_SECONDS).contains(&seconds) { Ok(Self(seconds)) } else { Err(UnknownWord) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_lasts_from_a_second_to_thirty_days() {
        for (seconds, allowed) in [
            (i64::MIN, false),
            (-1, false),
            (0, false),
            (1, true),
            (2_592_000, true),
            (2_592_001, false),
            (4_294_967_295, false),
            (i64::MAX, false),
        ] {
            assert_eq!(JobDuration::try_from(seconds).is_ok(), allowed, "{seconds}");
        }
        let start: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        let end = JobDuration::try_from(JobDuration::MAX_SECONDS).unwrap().after(start);
        assert_eq!(end.to_string(), "2026-03-31T00:00:00Z");
        assert_eq!(JobDuration::default().after(start).to_string(), "2026-03-01T01:00:00Z");
    }
}
