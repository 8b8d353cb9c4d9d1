//! The person's browser: a program on PATH (and in BROWSER) that hands each link to a thread of the test, which follows
//! it to the end as the person would. What the person decides there is the stand-in's (`Settings::consent`).
//!
//! In: links, by a named pipe. Out: which links were opened, and the pages they led to.

use std::fs::{self, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::environment::TestEnvironment;
use super::web::{self, Page};

/// The line that ends the thread; no link reads like this.
const STOP: &str = "stop";

/// Longer than any page takes to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// The thread that follows the links; it ends when dropped.
pub(crate) struct Browser {
    pipe: PathBuf,
    pages: Arc<Pages>,
    thread: Option<JoinHandle<()>>,
}

/// The pages that links led to, and the news of another one.
#[derive(Default)]
struct Pages {
    seen: Mutex<Vec<Result<Page, String>>>,
    changed: Condvar,
}

/// What the browser does with a link.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Habit {
    Follows,
    Ignores,
}

impl TestEnvironment {
    /// A desktop with a browser that follows every link to its end.
    pub(crate) fn with_browser(self) -> Self {
        self.with_browser_of(Habit::Follows)
    }

    /// A desktop with a browser that opens and in which nobody does anything: the test may follow a link itself.
    pub(crate) fn with_idle_browser(self) -> Self {
        self.with_browser_of(Habit::Ignores)
    }

    /// A desktop whose browser does not start.
    pub(crate) fn with_broken_browser(self) -> Self {
        let environment = self.with_browser_of(Habit::Ignores);
        fs::write(environment.root().join("browser/broken"), "").unwrap();
        environment
    }

    /// The links that were opened, oldest first: every browser that was started counts.
    pub(crate) fn opened_links(&self) -> Vec<String> {
        let calls = self.calls_of("browser");
        calls.lines().map(|line| line.trim_start_matches('[').trim_end_matches(']').to_owned()).collect()
    }

    /// Waits until the browser has followed `count` links, and gives the pages that the person ended on.
    #[track_caller]
    pub(crate) fn browser_pages(&self, count: usize) -> Vec<Page> {
        let browser = self.browser.as_ref().expect("a browser");
        let pages = browser.pages(count).into_iter();
        pages.map(|page| page.unwrap_or_else(|error| panic!("the browser shows an error: {error}"))).collect()
    }

    fn with_browser_of(mut self, habit: Habit) -> Self {
        self.link_program_as("browser", "browser");
        self.link_program_as("browser", "xdg-open");
        let folder = self.root().join("browser");
        fs::create_dir(&folder).unwrap();
        self.browser = Some(Browser::start(folder.join("links"), habit));
        let program = self.root().join("bin/browser");
        self.with_variable("BROWSER", program).with_variable("DISPLAY", ":0")
    }
}

impl Browser {
    fn start(pipe: PathBuf, habit: Habit) -> Self {
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        // Open both ways: so neither this nor the program that writes ever waits for the other, and the end never comes.
        let links = OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
        let pages = Arc::new(Pages::default());
        let thread = thread::spawn({
            let pages = Arc::clone(&pages);
            move || {
                let links = BufReader::new(links).lines().map_while(Result::ok).take_while(|line| line != STOP);
                for link in links.filter(|_| habit == Habit::Follows) {
                    pages.seen.lock().unwrap().push(web::visit(&link).map_err(|error| error.to_string()));
                    pages.changed.notify_all();
                }
            }
        });
        Self { pipe, pages, thread: Some(thread) }
    }

    fn pages(&self, count: usize) -> Vec<Result<Page, String>> {
        let seen = self.pages.seen.lock().unwrap();
        let (seen, _) = self.pages.changed.wait_timeout_while(seen, PATIENCE, |seen| seen.len() < count).unwrap();
        assert!(seen.len() >= count, "the browser came to {} pages, not to {count}", seen.len());
        seen.clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let pipe = OpenOptions::new().write(true).open(&self.pipe);
        let told = pipe.and_then(|mut pipe| pipe.write_all(format!("{STOP}\n").as_bytes()));
        if let (Ok(()), Some(thread)) = (told, self.thread.take()) {
            let _ = thread.join();
        }
    }
}
