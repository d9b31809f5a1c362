//! Tells the code which target it is compiled for. It must not read the repository: each commit would then compile the crate again.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=TARGET={}", std::env::var("TARGET").unwrap_or_default());
}
