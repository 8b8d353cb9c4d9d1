//! What the browser shows when it has come back: plain pages that need nothing else and leave nothing behind.
//!
//! In: what came of the request. Out: the whole HTTP answer.

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// The code has come.
    Done,
    /// The service refused.
    Refused,
    /// Not an answer to what was asked.
    NotOurs,
    /// There is no such page.
    Missing,
    /// Nothing is read but GET.
    OtherMethod,
    /// The request is too long.
    TooLong,
}

impl Page {
    /// Status line, headers and text.
    pub(super) fn answer(self) -> String {
        let (status, title, text) = match self {
            Self::Done => ("200 OK", "You can close this tab", "astro-aws goes on in the terminal."),
            Self::Refused => ("200 OK", "The sign-in was refused", "You can close this tab. The terminal says more."),
            Self::NotOurs => {
                ("400 Bad Request", "Not this sign-in", "astro-aws asked for something else. It goes on waiting.")
            }
            Self::Missing => ("404 Not Found", "Nothing here", ""),
            Self::OtherMethod => ("405 Method Not Allowed", "Nothing here", ""),
            Self::TooLong => ("431 Request Header Fields Too Large", "Nothing here", ""),
        };
        let allow = if self == Self::OtherMethod { "Allow: GET\r\n" } else { "" };
        let body = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title}</title>\n\
             <meta name=\"color-scheme\" content=\"light dark\">\
             <style>body{{font:1.1rem system-ui,sans-serif;margin:20vh auto;max-width:30rem;padding:0 1rem}}</style></head>\n\
             <body><h1>{title}</h1><p>{text}</p></body>\n</html>\n"
        );
        format!(
            "HTTP/1.1 {status}\r\n\
             Content-Type: text/html; charset=utf-8\r\n\
             Content-Length: {}\r\n\
             {allow}\
             Cache-Control: no-store\r\n\
             Referrer-Policy: no-referrer\r\n\
             Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'\r\n\
             X-Content-Type-Options: nosniff\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn the_last_page_is_plain_and_leaves_nothing_behind() {
        insta::assert_snapshot!(Page::Done.answer().replace("\r\n", "\n"), @r#"
        HTTP/1.1 200 OK
        Content-Type: text/html; charset=utf-8
        Content-Length: 349
        Cache-Control: no-store
        Referrer-Policy: no-referrer
        Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        X-Content-Type-Options: nosniff
        Connection: close

        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><title>You can close this tab</title>
        <meta name="color-scheme" content="light dark"><style>body{font:1.1rem system-ui,sans-serif;margin:20vh auto;max-width:30rem;padding:0 1rem}</style></head>
        <body><h1>You can close this tab</h1><p>astro-aws goes on in the terminal.</p></body>
        </html>
        "#);
    }
}
