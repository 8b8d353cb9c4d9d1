mod answers;
#[cfg(unix)]
mod calls;
mod detect;
