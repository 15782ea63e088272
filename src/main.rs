//! The command line of plimsoll. It sees the library's public items only, like any embedder.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
