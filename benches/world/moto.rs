//! moto's server as the AWS of a benchmark, and boto3 as what is compared with.
//!
//! Both are of the Python that ASTRO_AWS_BENCH_PYTHON names; nothing is started where it does not have them.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use super::words;

const SERVER: &str = include_str!("moto_server.py");
const ONE_BY_ONE: &str = include_str!("one_by_one.py");

/// A running moto; ends when dropped.
pub(crate) struct Moto {
    server: Child,
    pub(crate) url: String,
}

impl Moto {
    /// With variables `n0000` and so on in both services; the error says what is missing.
    pub(crate) fn with_variables(count: usize) -> Result<Self, String> {
        let python = python()?;
        let mut server = Command::new(&python[0])
            .args(&python[1..])
            .args(["-c", SERVER, &count.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut url = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut url).unwrap();
        assert!(url.starts_with("http"), "moto does not start");
        Ok(Self { server, url: url.trim().to_owned() })
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        let _ = self.server.wait();
    }
}

/// boto3 reading so many variables of a service (`secretsmanager`, `ssm`) one after the other.
pub(crate) fn one_by_one(service: &str, count: usize) -> Result<Vec<String>, String> {
    Ok([python()?, ["-c", ONE_BY_ONE, service, &count.to_string()].map(str::to_owned).to_vec()].concat())
}

fn python() -> Result<Vec<String>, String> {
    let missing = || "set ASTRO_AWS_BENCH_PYTHON to a Python with moto[server] and boto3".to_owned();
    let python = words(&env::var("ASTRO_AWS_BENCH_PYTHON").map_err(|_| missing())?);
    let first = python.first().ok_or_else(missing)?;
    let tried = Command::new(first).args(&python[1..]).args(["-c", "import boto3, moto.server"]).output();
    match tried {
        Ok(output) if output.status.success() => Ok(python),
        Ok(output) => Err(format!("{}: {}", missing(), String::from_utf8_lossy(&output.stderr).trim())),
        Err(error) => Err(format!("{}: {error}", missing())),
    }
}
