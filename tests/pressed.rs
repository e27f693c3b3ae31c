//! Keys in, screen out: the dashboard on the embedded engine, as it is run, on clocks that the tests move. One line a test.
//! Each begins with the shop brought up and the cursor on its first service; what it shows in the end is a reviewed
//! snapshot, with the keys and what each of them meant. `'text` types, `+5` lets five seconds pass, `80x24` gives the
//! terminal that size.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of tests fails the test")]

mod pressed {
    mod faults;
    pub mod stage;
}

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dockside::app::action::ENTRIES;
use pressed::stage::Stage;

fn screens() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pressed/screens")
}

async fn check(name: &str, keys: &str) {
    looked_at(name, keys, Stage::shop().await).await;
}

async fn looked_at(name: &str, keys: &str, mut stage: Stage) {
    stage.press(keys).await;
    let text = format!("keys:  {keys}\nmeant: {}\n\n{}", stage.meant.join(", "), stage.screen());
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(screens());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

macro_rules! pressed {
    ($($name:ident $keys:literal,)*) => {
        $(#[tokio::test(start_paused = true)]
        async fn $name() {
            check(stringify!($name), $keys).await;
        })*
        /// Every test, which is also the name of its snapshot.
        const NAMES: &[&str] = &["what_is_wrong_with_the_files", $(stringify!($name)),*];
    };
}

pressed! {
    the_shop "+5",
    down_and_up "j down j k up",
    to_the_end_and_back "G home end g g j",
    pages "pgdn pgup ctrl-d ctrl-u",
    the_services_pane "4 1",
    the_containers_pane "j 2 j",
    the_ports_pane "3",
    round_the_panes "tab tab shift-tab",
    marked_services "space j space",
    all_marked_and_again "* r +3 g v",
    a_stopped_service "s +12",
    a_started_service "s +12 S +5",
    a_restarted_service "j j r +13",
    a_paused_service "j p +2",
    a_service_that_goes_on "j p +2 p +2",
    the_menu_of_signals "K",
    a_killed_service "j j K enter +1",
    the_ways_to_recreate "j j R",
    a_recreated_service "j j R r +2 enter +15",
    a_rebuilt_service "j j : 'rebuild enter +3",
    newly_pulled "j : 'pull enter +3",
    fresh_volumes "j j j j j : 'fresh enter +3",
    an_image_built "j j : 'build-image enter +4",
    an_image_pulled "j : 'pull-image enter +4",
    recreated_by_name "j j : 'recreate down enter +3",
    more_replicas "j # ctrl-u '3 enter +5",
    fewer_replicas "j # ctrl-u '1 enter +1",
    removed_containers "j j j d +1 enter +2",
    a_cancelled_stop "j j s +1 ctrl-x +1",
    the_plan_of_up "U b P o +1",
    a_plan_left_alone "U +1 esc",
    up_of_one_service "j j j u +2",
    a_command_in_a_new_container "j j X 'env enter",
    the_dialog_of_down "D i o v +1 'sh",
    a_project_taken_down "D +1 enter +25",
    the_menu_of_verbs "x j j",
    details_of_a_failure "j j j enter",
    parts_of_the_details "j enter tab l right shift-tab h left tab +2",
    a_shell "e +1 E +1",
    open_and_copy "o y 3 y +1",
    tiles "l j l j l v +1",
    merged_logs "v +1",
    a_zoomed_pane "4 z",
    a_filter "/ 'we enter",
    a_filter_undone "/ 'we enter esc",
    only_problems "1 ! +1",
    the_activity "j j K enter +1 A j",
    the_projects "P",
    the_profiles "g p",
    a_search "j j 4 / 'order enter n N",
    a_search_through_all_logs "g / 'served enter",
    only_matches "j j 4 / 'refused enter F",
    wrapped_and_without_times "j j 4 w t",
    json_as_it_is_written "j j 4 J",
    only_errors "j j 4 L L L",
    since_a_moment "j j 4 T '10s enter",
    lines_that_do_not_match "j j 4 / 'refused enter !",
    lines_around_an_error "j j 4 L L L C",
    repeated_lines_counted "j 4 =",
    gone_to_a_time "j j 4 g t '11:59:50 enter",
    tiles_swapped "l j j l 4 > <",
    tiles_in_a_smaller_terminal "l j l j l 4 k k k 120x20",
    tiles_added_and_taken_away "l 4 + 'api enter + 'web enter -",
    errors_one_by_one "j j 4 [ e [ e ] e",
    a_line_across "j j 4 m +4",
    the_ways_to_save "4 ctrl-s",
    a_saved_log "4 : 'save-log enter +1",
    a_log_saved_as_json "4 : 'save-json enter +1",
    a_log_saved_whole "4 : 'save-whole enter +1",
    a_log_saved_whole_as_json "4 : 'save-whole-json enter +1",
    lines_selected "4 V k k",
    lines_selected_and_copied "4 V k y",
    a_log_in_the_pager "4 | +1",
    a_log_that_is_forgotten "4 c +4",
    sideways "j j 4 l right right h left",
    not_following "4 k k f k space",
    the_palette ": 'res",
    an_action_by_name ": 'zoom enter",
    the_keys "?",
    the_keys_by_f1 "f1 j j",
    the_files_read_again "ctrl-r +1",
    drawn_anew "ctrl-l",
    suspended "ctrl-z",
    quitting_while_a_verb_goes_on "j j s q",
    quit "q",
    quit_by_ctrl_c "ctrl-c",
}

/// The compose file has a fault, is read again, and its fault is looked at.
#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_the_files() {
    let stage = Stage::shop().await;
    stage.edit("replicas: 2", "replicas: many");
    looked_at("what_is_wrong_with_the_files", "ctrl-r f8", stage).await;
}

/// What keys meant in a test, as `r restart`; what was refused does not count.
fn meant(name: &str) -> Vec<String> {
    let path = screens().join(name).with_extension("snap");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let line = text.lines().find_map(|line| line.strip_prefix("meant: ")).unwrap_or_default();
    line.split(", ").map(str::to_owned).collect()
}

/// Every key of the registry means its action in one of the tests above, which hold that their snapshots are true; and an
/// action without a key is chosen by name or from a menu.
#[test]
fn every_key_is_pressed() {
    let meant: BTreeSet<String> = NAMES.iter().flat_map(|name| meant(name)).collect();
    let mut missing = Vec::new();
    for entry in ENTRIES {
        let keys = entry.keys.iter().map(|keys| format!("{} {}", keys.replace(' ', ""), entry.name));
        missing.extend(keys.filter(|key| !meant.contains(key)));
        let is_chosen = || [":", "menu"].iter().any(|by| meant.contains(&format!("{by} {}", entry.name)));
        if entry.keys.is_empty() && !is_chosen() {
            missing.push(entry.name.to_owned());
        }
    }
    assert!(missing.is_empty(), "no test presses {missing:?}");
}

/// No snapshot is left of a test that is gone.
#[test]
fn every_screen_has_its_test() {
    let names = fs::read_dir(screens()).unwrap().map(|entry| entry.unwrap().path());
    let left: Vec<_> = names
        .filter(|path| !NAMES.iter().any(|name| path.file_stem().is_some_and(|stem| stem == *name)))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
