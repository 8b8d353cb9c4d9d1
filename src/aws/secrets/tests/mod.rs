//! The two services against a stand-in: what is asked of AWS, and what is made of its answers.

mod denials;
mod listed;
mod many;
mod stand_in;
mod written;
