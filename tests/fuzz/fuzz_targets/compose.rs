//! Any bytes as a compose file, a second file that it may name, and `.env`, which NUL bytes part: loading them ends, and
//! every finding can be drawn.
#![no_main]

use dockside::compose::diagnostic::Colour;
use dockside::compose::source::MemoryFiles;
use dockside::compose::{LoadRequest, load};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let names = ["/p/compose.yaml", "/p/b.yaml", "/p/.env"];
    let files = names.into_iter().zip(bytes.splitn(3, |byte| *byte == 0).map(<[u8]>::to_vec));
    let request = LoadRequest { working_directory: "/p".into(), ..LoadRequest::default() };
    let loaded = load(&request, &MemoryFiles::new(files));
    assert!(loaded.project.is_some() || loaded.error.is_some());
    let _ = loaded.sources.render(&loaded.diagnostics, Colour::Ansi);
});
