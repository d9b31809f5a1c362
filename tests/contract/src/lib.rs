#![doc = include_str!("../README.md")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a case fails by panicking")]

mod access;
mod admission;
mod bots;
mod channels;
mod describing;
mod files;
mod following;
mod history;
mod identity;
mod immutable;
mod keys;
mod limits;
mod links;
mod listing;
mod manifests;
mod members;
mod moving;
mod newest;
mod old_paths;
mod packages;
mod paging;
mod places;
mod protected_tags;
mod publishing;
mod releases;
mod removing;
mod republishing;
mod scene;
mod tags;
mod tokens;
mod uniqueness;
mod uploads;
mod users;
mod visibility;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub use files::{FileCase, FilePlace, file_cases};
pub use release_links_ports::Storage;
use scene::Scene;

/// Where the service is reached whose links follow its files.
pub const EXTERNAL_URL: &str = "https://links.example.com";

/// A new, empty database for one case.
pub trait Database: Send + Sync {
    /// Opens another store on this database, as another server would, that serves at [`EXTERNAL_URL`].
    fn connect(&self) -> Storage;

    /// Waits until other stores must see what one has committed; by default, that is at once.
    fn settle(&self) {}
}

/// A database with SQL tables.
pub trait SqlDatabase: Database {
    /// Runs SQL that the databases of all adapters understand, bypassing the stores: for rows that no store writes.
    fn sql(&self, statements: &str);
}

/// One case.
pub struct Case {
    /// What the case shows, as a sentence.
    pub name: &'static str,
    play: Play,
}

type Outcome = Pin<Box<dyn Future<Output = ()>>>;

/// What a case needs.
enum Play {
    /// A database of any kind.
    Any(fn(Scene) -> Outcome),
    /// A database of SQL tables.
    Sql(fn(Scene, Arc<dyn SqlDatabase>) -> Outcome),
}

impl Case {
    /// Whether the case runs on a [`SqlDatabase`] only.
    #[must_use]
    pub const fn needs_sql(&self) -> bool {
        matches!(self.play, Play::Sql(_))
    }

    /// Runs the case on a new database.
    ///
    /// # Panics
    /// Panics if the adapter fails the case, or if the case needs SQL.
    pub fn run(&self, database: Arc<dyn Database>) {
        match self.play {
            Play::Any(play) => wait(play(Scene::new(database))),
            Play::Sql(_) => panic!("{} needs SQL", self.name),
        }
    }

    /// Runs the case on a new database of SQL tables.
    ///
    /// # Panics
    /// Panics if the adapter fails the case.
    pub fn run_on_sql(&self, database: Arc<dyn SqlDatabase>) {
        match self.play {
            Play::Any(play) => wait(play(Scene::new(database))),
            Play::Sql(play) => wait(play(Scene::new(database.clone()), database)),
        }
    }
}

fn wait(outcome: Outcome) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(outcome);
}

/// Returns how many cases run where, for each adapter's test to print.
#[must_use]
pub fn census(cases: &[Case]) -> String {
    let on_sql = cases.iter().filter(|case| case.needs_sql()).count();
    format!("storage contract: {} cases for every adapter, {on_sql} for SQL adapters only", cases.len() - on_sql)
}

macro_rules! case {
    ($module:ident::$name:ident) => {
        Case { name: stringify!($name), play: Play::Any(|scene| Box::pin($module::$name(scene))) }
    };
    ($module:ident::$name:ident sql) => {
        Case { name: stringify!($name), play: Play::Sql(|scene, database| Box::pin($module::$name(scene, database))) }
    };
}

macro_rules! cases {
    ($($module:ident { $($name:ident $(($sql:ident))?,)+ })+) => {
        vec![$($(case!($module::$name $($sql)?),)+)+]
    };
}

/// All cases.
#[must_use]
#[expect(clippy::too_many_lines, reason = "it is one table")]
pub fn cases() -> Vec<Case> {
    cases! {
        links {
            a_link_is_returned_as_it_was_created,
            a_link_is_read_for_whoever_bears_a_token_now,
            a_link_is_not_read_for_a_bearer_who_is_refused,
            an_id_is_higher_than_that_of_any_earlier_link,
            a_link_of_another_project_is_not_found_changed_or_deleted,
            a_link_of_another_release_is_not_found_changed_or_deleted,
            a_text_that_is_not_a_tag_or_path_finds_nothing,
            tags_are_case_sensitive,
            deleting_a_link_returns_it_as_it_was,
            nothing_is_added_to_a_deleted_release,
            updating_a_link_changes_what_is_given_and_keeps_the_rest,
            a_null_path_clears_the_path,
            a_write_to_a_link_is_done_only_if_its_precondition_holds,
            of_writers_with_a_precondition_on_one_state_exactly_one_succeeds,
        }
        packages {
            a_file_is_served_as_it_was_published,
            of_files_with_one_name_the_newest_is_served_and_all_are_listed,
            packages_are_listed_oldest_first_in_pages,
            a_filter_finds_parts_of_a_name_in_any_case_and_a_whole_version,
            a_hidden_package_is_served_but_not_listed,
            a_package_or_file_of_another_project_is_not_found_or_deleted,
            a_package_is_deleted_with_its_files_and_no_id_comes_back,
            nothing_is_published_in_a_project_that_is_deleted,
            a_duplicate_is_refused_if_the_project_allows_none,
            of_writers_that_race_for_a_file_exactly_one_succeeds_where_there_are_no_duplicates,
            racing_writers_make_one_package_and_keep_equal_bytes_once,
            equal_bytes_are_kept_once_until_no_file_has_them,
            bytes_in_use_are_listed_by_key,
            a_deleted_project_leaves_no_bytes_in_use,
            racing_writers_fill_a_package_with_files_up_to_the_limit (sql),
            what_does_not_exist_is_not_found_or_deleted,
        }
        uploads {
            an_upload_is_served_as_it_was_created,
            uploads_are_listed_newest_first_in_pages,
            an_upload_outlives_who_uploaded_it,
            an_upload_of_another_project_is_not_found_or_deleted,
            a_project_has_one_upload_with_a_secret,
            a_deleted_upload_is_gone_and_its_id_does_not_come_back,
            nothing_is_uploaded_to_a_project_that_is_deleted,
            packages_and_uploads_keep_equal_bytes_once,
            bytes_in_use_tell_whose_they_are,
            bytes_in_use_are_added_up_each_once,
            a_deleted_project_takes_its_uploads_with_it,
        }
        keys {
            every_server_has_the_keys_of_the_first,
        }
        following {
            a_link_has_the_digest_and_size_of_the_file_at_its_url,
            the_file_of_another_project_is_no_file_of_a_link,
            every_way_to_write_a_link_gives_it_the_digest_of_its_file,
            a_digest_or_size_that_is_not_the_files_is_refused,
            a_file_that_is_published_changes_the_links_that_lead_to_it,
            a_link_that_leads_elsewhere_follows_the_file_no_more,
            a_link_follows_the_file_that_is_served_after_a_newer_one_was_deleted,
            links_by_an_old_path_of_the_project_follow_its_files,
            what_an_immutable_release_links_to_is_neither_published_nor_deleted,
            only_so_many_links_follow_one_file,
            a_dry_run_comes_out_like_the_real_one_and_changes_nothing,
        }
        publishing {
            a_link_that_is_replaced_keeps_its_id_and_what_was_not_sent,
            a_link_that_is_kept_or_unchanged_stays_as_it_is,
            what_becomes_of_a_link_that_says_nothing_is_up_to_the_project,
            a_replacement_that_collides_with_a_second_link_writes_nothing,
            a_full_release_takes_no_more_but_what_it_has_may_be_sent_again,
            of_writers_that_keep_one_name_exactly_one_creates_it,
            writers_that_replace_one_link_all_succeed_and_the_last_one_stands,
        }
        manifests {
            a_manifest_gives_a_release_its_links_in_its_order,
            links_swap_their_values_and_keep_their_ids,
            without_pruning_other_links_stay_behind_those_of_the_manifest,
            a_manifest_that_is_refused_or_changes_nothing_writes_nothing_and_spends_no_id,
            a_manifest_for_a_release_of_another_project_changes_nothing,
            of_racing_manifests_readers_see_one_or_another_whole,
        }
        republishing {
            a_release_is_created_whatever_would_become_of_one_that_exists,
            a_release_that_is_kept_stays_as_it_is,
            a_release_that_is_replaced_gets_what_was_sent_and_keeps_the_rest,
            a_release_that_is_sent_as_it_is_is_unchanged,
            links_that_collide_leave_the_whole_release_as_it_was,
            many_links_are_replaced_in_a_full_release_that_takes_no_more,
            a_link_of_a_release_above_the_limit_is_replaced_however_old_it_is,
            of_writers_that_keep_one_tag_exactly_one_creates_its_release,
            of_writers_that_replace_one_release_each_writes_all_of_it,
        }
        limits {
            what_was_stored_is_read_whatever_the_limits_are_now (sql),
            racing_writers_fill_a_release_with_links_up_to_the_limit,
            a_release_above_the_limit_of_links_is_readable_and_gets_no_more,
            a_release_shows_no_more_text_of_its_links_than_is_read_at_once (sql),
            a_conflict_is_reported_before_too_many_links,
            racing_writers_fill_a_project_with_rules_up_to_the_limit,
            racing_writers_fill_a_project_with_job_tokens_up_to_the_limit,
            a_project_above_the_limit_of_rules_shows_them_all_and_gets_no_more (sql),
            a_search_that_is_too_long_finds_no_tag,
        }
        describing {
            a_project_is_described_as_it_was_created,
            an_update_changes_what_describes_a_project_and_keeps_the_rest,
            a_group_is_described_as_it_was_created_or_changed,
            a_token_is_described_as_it_was_created,
            the_full_name_of_a_project_follows_the_names_above_it,
            the_last_activity_of_a_project_is_when_its_last_release_was_created,
            racing_writers_of_releases_leave_the_time_of_the_last_one,
        }
        uniqueness {
            of_writers_that_race_for_one_name_exactly_one_succeeds,
            of_writers_that_race_for_one_url_exactly_one_succeeds,
            of_writers_that_race_for_one_path_exactly_one_succeeds,
            of_writers_that_race_for_all_three_exactly_one_succeeds,
            conflicts_with_several_links_are_all_reported,
            an_update_to_a_value_in_use_leaves_the_link_unchanged,
            an_update_to_its_own_values_is_not_a_conflict,
            values_are_compared_byte_for_byte,
            any_number_of_links_may_have_no_path,
            another_release_may_have_the_same_values,
            the_values_of_a_deleted_link_are_free_again,
            loading_for_a_write_finds_what_a_partly_empty_candidate_collides_with,
            loading_for_a_write_leaves_out_the_link_that_changes,
            loading_for_a_write_finds_no_link_of_another_release,
        }
        paging {
            links_are_listed_newest_first_and_updates_keep_their_order,
            pages_follow_each_other_without_a_gap,
            a_page_beyond_the_end_is_empty,
            a_list_is_counted_up_to_its_limit_and_no_further,
            the_first_batch_of_a_page_ends_before_an_oversized_link_of_an_older_version (sql),
        }
        releases {
            a_release_is_returned_as_it_was_created_with_its_links_newest_first,
            a_release_and_its_links_are_stored_together_or_not_at_all,
            of_writers_that_race_for_one_tag_exactly_one_succeeds,
            a_release_of_another_project_is_not_found,
            nothing_is_released_in_a_deleted_project,
            releases_are_listed_in_the_order_asked_for_and_ties_go_by_id,
            releases_are_listed_in_pages_each_with_its_own_links,
            large_releases_are_listed_in_batches_that_follow_each_other,
            loading_for_a_write_finds_the_release_of_a_tag,
            updating_a_release_changes_what_is_given_and_keeps_its_links,
            deleting_a_release_returns_it_as_it_was_and_keeps_its_tag,
            a_release_of_another_project_is_not_changed_or_deleted,
            a_write_to_a_release_is_done_only_if_its_precondition_holds,
        }
        channels {
            a_channel_points_to_a_release_until_it_is_deleted,
            channels_are_listed_by_name_in_pages,
            a_channel_of_another_project_is_not_found_or_changed,
            a_write_to_a_channel_loads_the_release_the_channel_and_all_rules,
            a_deleted_release_takes_its_channels_with_it,
            a_release_with_many_links_takes_its_channels_with_it_at_once (sql),
            racing_writers_fill_a_project_with_channels_up_to_the_limit,
            a_selection_is_the_release_of_its_channel_if_that_is_out,
        }
        history {
            a_link_that_is_created_changed_or_deleted_is_recorded,
            a_link_that_is_sent_again_is_recorded_only_if_it_changes,
            a_manifest_is_recorded_link_by_link_but_not_its_order,
            links_that_swap_their_paths_take_one_step_each,
            a_release_is_recorded_before_its_links_and_after_them_when_it_goes,
            a_release_that_changes_or_is_sent_again_is_recorded,
            a_release_that_is_full_writes_a_row_for_each_link,
            a_channel_that_is_set_or_deleted_is_recorded,
            immutability_is_recorded_when_it_begins_and_ends,
            a_row_names_who_caused_it_as_they_were_called_then,
            a_row_is_not_earlier_than_the_one_before_it,
            a_history_is_listed_newest_first_in_pages_and_filtered,
            large_rows_are_listed_in_batches_that_follow_each_other,
            the_history_of_another_or_a_deleted_project_is_not_found,
            racing_writers_number_their_rows_without_a_gap,
            pruning_drops_what_is_older_and_keeps_where_permanent_links_lead,
            replaying_a_history_from_nothing_gives_what_there_is,
            where_a_permanent_link_led_is_what_the_history_says,
        }
        immutable {
            an_immutable_release_refuses_what_would_change_its_links_or_its_date,
            an_immutable_release_takes_what_changes_nothing_or_adds_something_missing,
            a_release_that_was_thawed_changes_again,
            the_tag_of_a_deleted_immutable_release_is_refused_wherever_the_project_moves,
            the_tags_of_a_deleted_project_are_refused_under_all_its_paths,
            the_tags_in_a_deleted_group_or_namespace_are_refused_under_their_paths,
            of_racing_writers_and_a_lock_what_the_lock_found_stays,
        }
        newest {
            the_newest_release_is_the_last_released_and_of_several_the_last_created,
            an_upcoming_release_is_not_the_newest,
            a_link_reached_through_the_newest_release_is_its_own_or_none,
            the_newest_release_of_every_ranking_is_the_first_of_the_domain,
            by_date_prereleases_count_as_the_ranking_says,
            a_release_keeps_its_version_when_it_changes,
            the_first_release_with_the_asset_is_found_where_several_are_searched,
            the_versions_of_releases_of_an_older_server_are_computed_when_the_store_opens (sql),
        }
        tags {
            a_tag_exists_from_its_first_release_until_it_is_deleted,
            a_tag_with_a_release_is_not_deleted,
            a_tag_of_another_project_is_not_found_or_deleted,
            tags_are_listed_newest_first_in_pages,
            tags_are_listed_in_the_order_asked_for_and_ties_go_by_id,
            tags_are_listed_by_version_and_those_without_come_last_by_name,
            tags_of_large_releases_are_listed_in_batches_that_follow_each_other,
            tags_are_searched_by_prefix_by_suffix_and_anywhere,
        }
        admission {
            nothing_of_a_project_is_found_for_a_reader_who_may_not_see_it,
            nothing_is_found_where_a_credential_does_not_reach,
            releases_that_are_for_members_are_not_found_for_others,
            members_of_a_group_are_not_found_for_a_reader_who_may_not_see_it,
        }
        access {
            the_highest_level_over_the_project_and_the_groups_above_counts,
            who_owns_the_namespace_owns_the_project,
            a_group_shows_the_level_inherited_from_those_above,
            a_namespace_shows_the_level_of_the_viewer,
            direct_and_inherited_levels_are_distinguished,
            nobody_becomes_a_member_twice,
            a_membership_needs_an_existing_user_and_source,
        }
        members {
            members_are_filtered_by_a_search_and_by_user,
            direct_members_are_listed_by_user_in_pages,
            each_inherited_member_is_listed_once_with_the_highest_level,
            members_of_a_group_above_that_the_viewer_does_not_see_are_left_out,
            a_member_is_found_only_where_the_membership_is,
            loading_for_a_write_distinguishes_a_user_who_is_no_member_from_an_unknown_one,
            a_level_can_be_changed_and_a_membership_ended,
            a_member_above_the_ceiling_is_not_changed,
            a_group_keeps_its_last_owner_counting_inherited_ones,
            of_two_owners_who_remove_each_other_one_remains,
            a_group_is_found_by_its_path_whatever_the_case,
        }
        protected_tags {
            a_rule_is_found_by_its_pattern_until_it_is_deleted,
            rules_are_listed_by_pattern_in_pages,
            a_rule_of_another_project_is_not_found_or_deleted,
            of_writers_that_race_for_one_pattern_exactly_one_succeeds,
            nothing_is_protected_in_a_deleted_project,
        }
        users {
            users_are_listed_newest_first_in_pages,
            a_username_filter_finds_the_whole_name_whatever_the_case,
            users_are_filtered_by_their_rights_and_by_when_they_were_created,
            users_are_listed_in_the_order_asked_for_and_ties_go_by_id,
            a_search_finds_parts_of_names_and_whole_addresses_where_it_may,
            updating_a_user_changes_what_is_given_and_keeps_the_rest,
            a_username_or_address_in_use_leaves_the_user_unchanged,
            changing_a_username_moves_the_projects_of_its_namespace,
            moving_back_to_a_former_username_restores_its_path,
            the_last_administrator_remains_one,
            a_bot_does_not_count_as_the_last_administrator,
            deleting_a_user_deletes_their_projects_and_tokens,
            releases_elsewhere_outlive_their_author,
            the_last_owner_of_a_group_is_not_deleted,
        }
        places {
            a_project_is_found_by_id_and_by_path_whatever_the_case,
            a_group_knows_its_full_path_and_name,
            the_namespace_of_a_user_is_not_a_group,
            users_groups_and_projects_share_their_paths,
            the_creator_of_a_group_becomes_its_owner,
            nothing_is_created_in_a_deleted_namespace,
        }
        visibility {
            nothing_is_created_more_visible_than_the_group_above,
            nothing_becomes_more_visible_than_the_group_above,
            a_group_does_not_become_less_visible_than_what_it_holds,
            visibility_is_checked_before_the_path,
            of_a_group_made_private_and_a_public_project_created_in_it_only_one_succeeds,
            what_an_older_version_stored_stays_and_can_be_renamed (sql),
        }
        listing {
            a_list_contains_the_projects_that_their_visibility_or_a_level_shows,
            a_list_contains_the_groups_that_their_visibility_or_a_level_shows,
            a_level_below_does_not_show_the_group_above,
            a_filter_keeps_the_projects_that_match,
            a_filter_keeps_the_groups_that_match,
            a_filter_of_groups_heeds_levels_visibilities_and_exceptions,
            a_member_of_a_project_finds_the_groups_above_it_without_a_level_there,
            a_list_within_a_namespace_contains_what_is_directly_there_or_also_below,
            a_user_is_found_by_id_or_username_with_their_own_namespace,
            groups_are_listed_in_the_order_asked_for_and_ties_go_by_id,
            projects_are_found_by_their_topics_and_their_last_activity,
            projects_are_listed_in_the_order_asked_for_and_ties_go_by_id,
            projects_and_groups_are_listed_in_pages,
        }
        moving {
            updating_a_project_changes_what_is_given_and_keeps_the_rest,
            updating_a_group_changes_what_is_given_and_keeps_the_rest,
            a_project_is_found_by_each_of_its_old_paths,
            renaming_a_group_renames_everything_below,
            moving_back_to_an_old_path_works,
            an_old_path_that_is_used_again_is_lost_for_good,
            an_old_path_is_lost_to_a_project_of_a_renamed_group,
            a_path_that_is_in_use_leaves_everything_unchanged,
            a_path_may_change_only_in_case,
            a_moved_project_keeps_what_it_holds_and_gets_the_levels_of_its_new_place,
            a_transfer_loads_the_project_and_its_new_namespace,
            a_group_moves_under_another_with_everything_below_it,
            of_groups_that_race_under_each_other_exactly_one_moves,
        }
        old_paths {
            of_groups_that_left_one_path_the_last_with_the_project_counts,
            a_project_keeps_the_old_paths_of_its_groups_wherever_both_move,
            moving_back_and_forth_loses_no_path,
            the_path_of_a_deleted_project_does_not_return_to_an_earlier_one,
            a_deleted_group_keeps_the_paths_of_its_projects_from_earlier_ones,
            a_project_keeps_the_path_in_a_group_that_was_deleted_after_it_left,
            the_old_path_of_each_nested_group_leads_to_its_new_place,
        }
        removing {
            a_large_project_disappears_at_once_with_everything_in_it,
            a_user_with_large_projects_disappears_at_once,
            deleting_a_project_deletes_what_belongs_to_it_and_nothing_else,
            deleting_a_group_deletes_everything_below_and_nothing_else,
            the_namespace_of_a_user_is_not_deleted_as_a_group,
        }
        identity {
            exactly_one_server_creates_the_first_user,
            a_user_is_stored_with_a_namespace_or_not_at_all,
            a_token_is_found_by_its_digest_from_the_next_call_on,
            a_token_is_found_with_the_user_that_its_bearer_asks_to_act_as,
            no_digest_is_stored_twice,
            a_token_needs_a_user_that_exists,
            storage_answers,
        }
        bots {
            a_project_token_is_created_with_a_bot_that_is_a_member,
            revoking_a_project_token_deletes_its_bot,
            nothing_of_a_bot_is_left_once_its_rotated_token_is_revoked,
            nothing_of_a_bot_is_left_once_its_project_is_deleted,
            the_level_of_a_bot_is_that_in_its_own_project,
            a_rotated_project_token_keeps_its_bot,
            a_token_of_another_project_is_not_found_rotated_or_revoked,
        }
        tokens {
            personal_tokens_are_listed_oldest_first_and_filtered,
            tokens_are_filtered_by_when_they_were_created_and_used_and_expire,
            tokens_are_listed_in_the_order_asked_for_and_ties_go_by_id,
            lists_of_tokens_are_paged_and_counted,
            a_revocation_is_visible_from_the_next_call_on,
            rotating_a_token_replaces_the_old_one,
            of_writers_that_race_for_one_rotation_exactly_one_succeeds,
            no_token_is_created_for_a_deleted_project_or_user,
            a_job_acts_as_its_user_until_it_ends,
            running_jobs_of_a_project_are_listed_oldest_first_in_pages,
            a_job_is_ended_by_its_user_and_in_its_project_only,
            the_latest_use_of_a_token_is_kept,
        }
    }
}
