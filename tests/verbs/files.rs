//! Configs and secrets: from a file, inline, from the environment; as the container reads them.

use dockside::plan::{Options, Verb};

use crate::bench::Bench;

const FILES: &str = r#"
services:
  web:
    image: {busybox}
    command: sleep 1000
    stop_signal: SIGKILL
    environment: { WHO: web }
    configs:
      - plain
      - { source: inline, target: /etc/app/inline.conf, mode: 0640, uid: "7", gid: "8" }
      - { source: fromenv, target: /etc/app/env.conf }
    secrets:
      - key
      - { source: token, target: renamed, mode: 0400 }
configs:
  plain: { file: ./plain.conf }
  inline: { content: "hello ${NAME}\nsecond line\n" }
  fromenv: { environment: CONFIG_TEXT }
secrets:
  key: { file: ./key.txt }
  token: { environment: TOKEN }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn configs_and_secrets_are_there_to_be_read() {
    let Some(mut bench) = Bench::new("files", FILES).await else { return };
    bench.project.write("plain.conf", "plain text");
    bench.project.write("key.txt", "the key");
    for (name, value) in [("NAME", "world"), ("CONFIG_TEXT", "from the environment"), ("TOKEN", "s3cret")] {
        bench.environment.insert(name.to_owned(), value.to_owned());
    }
    let ran = bench.up().await.well();
    assert!(!ran.plan.to_string().contains("s3cret"), "{}", ran.plan);
    let read = |file: &str| bench.shell("web-1", &format!("cat {file}; echo; stat -c '%a %u:%g' {file}"));
    assert_eq!(read("/etc/app/inline.conf"), "hello world\nsecond line\n\n640 7:8");
    assert_eq!(read("/etc/app/env.conf"), "from the environment\n444 0:0");
    assert_eq!(read("/run/secrets/renamed"), "s3cret\n400 0:0");
    assert_eq!(bench.shell("web-1", "cat /plain /run/secrets/key"), "plain textthe key");
    assert!(bench.up().await.well().plan.is_empty());

    // A text that changes is no drift, as in Docker Compose: it comes in with the next container.
    let before = bench.id("web-1");
    bench.environment.insert("NAME".to_owned(), "moon".to_owned());
    bench.up().await.well();
    assert_eq!(bench.id("web-1"), before);
    let anew = Options { force_recreate: true, ..Options::default() };
    bench.verb_with(Verb::Up, &["web"], anew).await.well();
    assert_eq!(bench.shell("web-1", "head -n 1 /etc/app/inline.conf"), "hello moon");
}
