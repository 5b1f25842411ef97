//! The `homeward` program: everything is in the library.

/// What is freed is wiped, whoever allocated it: keys and words leave no copies in memory that nobody uses any more.
#[global_allocator]
static MEMORY: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> std::process::ExitCode {
    homeward::node::keep_quiet();
    homeward::cli::silence_panics();
    homeward::cli::main(homeward::web::desk)
}
