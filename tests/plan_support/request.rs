//! Requests as on a command line.

use dockside::compose::model::Project;
use dockside::compose::model::PullPolicy;
use dockside::observed::Observed;
use dockside::plan::{OneOff, Options, Request, Target, Verb};

/// A request and how the case is to be shown.
pub struct Asked {
    pub request: Request,
    pub without_file: bool,
    pub steps: bool,
    pub claims: bool,
    pub equivalent: bool,
}

/// Reads `up web db --build --scale web=3`, and after a `|` what to show: `without file`, `steps`, `claims`, `same as`. A
/// word that names a container (`@web-1`) picks it by id.
pub fn parse(text: &str, project: &Project, observed: &Observed) -> Asked {
    let (command, show) = text.trim().split_once('|').unwrap_or((text.trim(), ""));
    let mut words = command.split_whitespace();
    let verb = match words.next().unwrap() {
        "up" => Verb::Up,
        "down" => Verb::Down,
        "start" => Verb::Start,
        "stop" => Verb::Stop,
        "restart" => Verb::Restart,
        "pause" => Verb::Pause,
        "unpause" => Verb::Unpause,
        "kill" => Verb::Kill("SIGKILL".to_owned()),
        "rm" => Verb::Remove,
        "build" => Verb::Build,
        "pull" => Verb::Pull,
        "run" => Verb::Run(Box::new(OneOff { slug: "5".repeat(64), auto_remove: true, ..OneOff::default() })),
        other => panic!("unknown verb {other}"),
    };
    let (mut options, mut services, mut containers) = (Options::default(), Vec::new(), Vec::new());
    for word in words {
        match (word.strip_prefix("--"), word.strip_prefix('@')) {
            (Some(option), _) => set(&mut options, option),
            (_, Some(name)) => containers.push(engine_id(observed, name)),
            _ => services.push(word.to_owned()),
        }
    }
    let target = match (services.is_empty(), containers.is_empty()) {
        (true, true) => Target::Project,
        (false, _) => Target::Services(services),
        (true, false) => Target::Containers(containers),
    };
    Asked {
        request: Request { project: project.name.clone(), verb, target, options },
        without_file: show.contains("without file"),
        steps: show.contains("steps"),
        claims: show.contains("claims"),
        equivalent: show.contains("same as"),
    }
}

fn engine_id(observed: &Observed, name: &str) -> dockside::observed::ContainerId {
    let full = format!("shop-{name}");
    let found = observed.containers.iter().find(|container| container.name == full);
    found.map_or_else(|| "gone".into(), |container| container.id.clone())
}

fn set(options: &mut Options, option: &str) {
    match option {
        "build" => options.build = true,
        "pull" => options.pull = true,
        "images-ready" => options.images_ready = true,
        "force-recreate" => options.force_recreate = true,
        "no-deps" => options.no_dependencies = true,
        "renew-volumes" => options.renew_volumes = true,
        "remove-orphans" => options.remove_orphans = true,
        "volumes" => options.remove_volumes = true,
        "rmi" => options.remove_local_images = true,
        "rmi-all" => options.remove_images = true,
        "stop" => options.stop = true,
        "no-recreate" => options.no_recreate = true,
        "always-recreate-deps" => options.recreate_dependencies = true,
        "recreate-volumes" => options.recreate_volumes = true,
        "all-resources" => options.all_resources = true,
        "no-start" => options.no_start = true,
        "no-build" => options.no_build = true,
        "wait" => options.wait = true,
        "leave-to-engine" => options.leave_to_engine = true,
        "with-deps" => options.with_dependencies = true,
        "ignore-buildable" => options.ignore_buildable = true,
        "pull-always" => options.pull_policy = Some(PullPolicy::Always),
        "pull-missing" => options.pull_policy = Some(PullPolicy::Missing),
        "pull-never" => options.pull_policy = Some(PullPolicy::Never),
        other => {
            let (service, replicas) = other.strip_prefix("scale=").unwrap().split_once(':').unwrap();
            options.scale.insert(service.to_owned(), replicas.parse().unwrap());
        }
    }
}
