//! Images: built, pulled, missing. No registry but an address of this machine where nothing listens.

use dockside::plan::{Options, Verb};

use crate::bench::Bench;

/// A Dockerfile whose steps no other test has: the builder's cache is the engine's, and a build without it would change what
/// the next one finds there.
fn dockerfile(bench: &Bench) -> String {
    let name = &bench.project.name;
    format!("FROM dockside-test/busybox\nENV PROJECT={name}\nARG WHO=nobody\nRUN echo \"$WHO\" > /who\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_built_and_what_is_there_is_not() {
    let built = r"
services:
  web:
    build: { context: web, args: { WHO: '${WHO}' }, ulimits: { nofile: 64 } }
    command: sleep 1000
    stop_signal: SIGKILL
";
    let Some(mut bench) = Bench::new("built", built).await else { return };
    bench.project.write("web/Dockerfile", &format!("{}RUN test \"$(ulimit -n)\" = 64\n", dockerfile(&bench)));
    bench.environment.insert("WHO".to_owned(), "first".to_owned());
    let ran = bench.up().await.well();
    assert!(ran.plan.is_provisional);
    assert_eq!(ran.replanned.len(), 1);
    let image = format!("{}-web", bench.project.name);
    let third = format!("{image}: building 3/");
    assert!(ran.told.iter().any(|told| told.starts_with(&third)), "{:?}", ran.told);
    assert_eq!(bench.shell("web-1", "cat /who"), "first");
    let labels = bench.real.get(&format!("/images/{image}/json"))["Config"]["Labels"].clone();
    assert_eq!(labels["com.docker.compose.project"], bench.project.name.as_str());
    assert_eq!(labels["com.docker.compose.service"], "web");
    assert!(bench.up().await.well().plan.is_empty());

    let container = bench.id("web-1");
    let build = || Options { build: true, ..Options::default() };
    let same = bench.verb_with(Verb::Up, &[], build()).await.well();
    let plan = same.replanned.last().unwrap();
    assert!(plan.is_empty(), "a build that comes to the same image makes no new container:\n{plan}");
    assert_eq!(bench.id("web-1"), container);
    bench.environment.insert("WHO".to_owned(), "second".to_owned());
    bench.verb_with(Verb::Up, &["web"], build()).await.well();
    assert_ne!(bench.id("web-1"), container);
    assert_eq!(bench.shell("web-1", "cat /who"), "second");

    bench.project.write("web/Dockerfile", "FROM dockside-test/busybox\nRUN echo no luck; exit 9\n");
    let why = bench.verb_with(Verb::Up, &["web"], build()).await.failed();
    // The labels are steps as well.
    assert!(why.starts_with(&format!("build {image}: step 2/5 RUN echo no luck; exit 9: ")), "{why}");
    assert!(why.ends_with("\nno luck"), "{why}");
    bench.is(&["web-1 running"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_out_of_reach_is_told_and_nothing_is_done() {
    let pulled = "services:\n  web: { image: '127.0.0.1:1/shop/web:2', command: sleep 1000 }\n  \
                  other: { image: '{busybox}', command: sleep 1000, stop_signal: SIGKILL }\n";
    let Some(bench) = Bench::new("pulled", pulled).await else { return };
    let why = bench.up().await.failed();
    assert!(why.starts_with("pull 127.0.0.1:1/shop/web:2 from 127.0.0.1:1: "), "{why}");
    assert!(
        why.ends_with("(nothing answers at that address: is the registry running, or a proxy needed?)"),
        "{why}"
    );
    bench.is(&[]);
    assert_eq!(bench.resources(), Vec::<String>::new());
    bench.rewrite(&pulled.replace("command: sleep 1000 }", "command: sleep 1000, pull_policy: never }"));
    let why = bench.up().await.failed();
    assert!(why.contains("service web: the engine has no image 127.0.0.1:1/shop/web:2"), "{why}");
    assert!(why.contains("pull_policy is never"), "{why}");
    // The other one needs none of that.
    bench.verb(Verb::Up, &["other"]).await.well();
    bench.is(&["other-1 running"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_built_is_built_when_it_cannot_be_pulled() {
    let either = "services:\n  web:\n    image: 127.0.0.1:1/NAME\n    build: web\n    command: sleep 1000\n    \
                  stop_signal: SIGKILL\n";
    let Some(bench) = Bench::new("either", either).await else { return };
    bench.rewrite(&either.replace("NAME", &bench.project.name));
    bench.project.write("web/Dockerfile", &dockerfile(&bench));
    let ran = bench.up().await.well();
    assert_eq!(ran.replanned.len(), 2, "a round for the pull, one for the build");
    assert!(ran.told.iter().any(|told| told.contains("not pulled, it will be built: ")), "{:?}", ran.told);
    bench.is(&["web-1 running"]);
    assert!(bench.up().await.well().plan.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_classic_builder_lacks_is_refused_or_told() {
    let wants = "services:\n  web:\n    command: sleep 1000\n    stop_signal: SIGKILL\n    build:\n      context: web\n      MORE\n";
    let Some(bench) = Bench::new("lacks", wants).await else { return };
    bench.project.write("web/Dockerfile", &dockerfile(&bench));
    bench.rewrite(&wants.replace("MORE", "ssh: [default]"));
    let why = bench.up().await.failed();
    assert_eq!(
        why,
        format!(
            "up {}: service web: build.ssh needs BuildKit, and Dockside builds with the engine's classic builder (build it \
             with `docker compose build`; up then uses the image)",
            bench.project.name
        )
    );
    bench.is(&[]);
    let more = "cache_to: ['type=local,dest=x']\n      isolation: default\n      no_cache: true";
    bench.rewrite(&wants.replace("MORE", more));
    let ran = bench.up().await.well();
    assert_eq!(
        ran.warnings(),
        ["web: build.cache_to is left out, since the engine's classic builder lacks it"]
    );
    // With the image there, ssh is no longer needed.
    bench.rewrite(&wants.replace("MORE", "ssh: [default]"));
    assert_eq!(bench.up().await.failure, None);
}
