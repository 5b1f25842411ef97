//! The `homeward` program: everything is in the library.

fn main() -> std::process::ExitCode {
    homeward::node::keep_quiet();
    homeward::cli::silence_panics();
    homeward::cli::main()
}
