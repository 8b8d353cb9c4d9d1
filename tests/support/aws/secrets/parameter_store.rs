//! The stand-in for SSM Parameter Store.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use serde_json::{Value, json};

use super::super::wire::{Answer, Refusal, Reply, Request, refuse};
use super::Caller;
use super::page::{page, with_token};
use super::parameter::{Parameter, SECURE};
use super::permissions::{Permissions, Resource};

/// How much a parameter may hold, in characters (quotas of Parameter Store).
const LARGEST_STANDARD: usize = 4096;
const LARGEST_ADVANCED: usize = 8192;
const LONGEST_NAME: usize = 1011;
const DEEPEST: usize = 15;
const MOST_BY_NAME: usize = 10;
const MOST_BY_PATH: usize = 10;
const MOST_DESCRIBED: usize = 50;

#[derive(Default)]
pub(in super::super) struct ParameterStore {
    /// By region and name.
    pub(in super::super) regions: BTreeMap<String, BTreeMap<String, Parameter>>,
}

type Known = BTreeMap<String, Parameter>;

struct Call<'a> {
    request: &'a Request,
    caller: &'a Caller,
    permissions: &'a Permissions,
}

impl ParameterStore {
    pub(super) fn answer(
        &mut self,
        action: &str,
        request: &Request,
        caller: &Caller,
        permissions: &Permissions,
    ) -> Answer {
        let parameters = self.regions.entry(caller.region.clone()).or_default();
        let call = Call { request, caller, permissions };
        let answer = match action {
            "GetParameter" => call.get(parameters),
            "GetParameters" => call.get_many(parameters),
            "GetParametersByPath" => call.get_by_path(parameters),
            "DescribeParameters" => call.describe(parameters),
            "PutParameter" => call.put(parameters),
            "DeleteParameter" => call.delete(parameters),
            "DeleteParameters" => call.delete_many(parameters),
            _ => refuse("UnknownOperationException", format!("no action {action}")),
        };
        answer.map(|body| Reply::aws_json(&body))
    }
}

impl Call<'_> {
    fn arn(&self, name: &str) -> String {
        self.caller.resource("ssm", &format!("parameter/{}", name.trim_start_matches('/')))
    }

    /// The name, and the version where one stands behind it: `name`, `name:3` or an ARN.
    fn name_of(&self, asked: &str) -> (String, Option<String>) {
        let bare = match asked.split_once(":parameter/").filter(|_| asked.starts_with("arn:")) {
            // In an ARN `/a/b` and `a/b` look alike; a name with a slash in it begins with one.
            Some((_, name)) if name.contains('/') => format!("/{name}"),
            Some((_, name)) => name.to_owned(),
            None => asked.to_owned(),
        };
        match bare.split_once(':') {
            Some((name, version)) => (name.to_owned(), Some(version.to_owned())),
            None => (bare, None),
        }
    }

    fn check(&self, action: &str, name: &str) -> Result<(), Refusal> {
        let arn = self.arn(name);
        self.permissions.check(&format!("ssm:{action}"), &Resource { name, arn: &arn, shown: &arn }, self.caller)
    }

    fn check_key(&self, action: &str, parameter: &Parameter) -> Result<(), Refusal> {
        let key = parameter.kms_key_id.as_deref().filter(|key| !key.ends_with("alias/aws/ssm"));
        let Some(key) = key.filter(|_| parameter.is_encrypted()) else { return Ok(()) };
        if self.permissions.key_is_broken(key) {
            let arn = self.caller.resource("kms", &format!("key/{key}"));
            return refuse(
                "InvalidKeyId",
                format!("{arn} is disabled. (Service: AWSKMS; Status Code: 400; Error Code: DisabledException)"),
            );
        }
        if self.permissions.allows_key(action, key, "ssm", self.caller) {
            return Ok(());
        }
        refuse(
            "AccessDeniedException",
            "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you \
             are not allowed to access. (Service: AWSKMS; Status Code: 400; Error Code: AccessDeniedException)",
        )
    }

    fn wants_decryption(&self) -> bool {
        self.request.body.get("WithDecryption") == Some(&json!(true))
    }

    fn value(&self, parameter: &Parameter, version: Option<&str>) -> Result<Value, Refusal> {
        if self.wants_decryption() {
            self.check_key("kms:Decrypt", parameter)?;
        }
        let number = version.map_or(Some(parameter.values.len()), |version| version.parse().ok());
        let value =
            number.and_then(|number| parameter.value(&self.arn(&parameter.name), number, self.wants_decryption()));
        let Some(mut value) = value else {
            let message = format!(
                "Systems Manager could not find version {} of {}.",
                version.unwrap_or_default(),
                parameter.name
            );
            return refuse("ParameterVersionNotFound", message);
        };
        if let Some(version) = version {
            value["Selector"] = json!(format!(":{version}"));
        }
        Ok(value)
    }

    fn get(&self, parameters: &Known) -> Result<Value, Refusal> {
        let (name, version) = self.name_of(self.request.member("Name"));
        self.check("GetParameter", &name)?;
        let Some(parameter) = parameters.get(&name) else { return not_found() };
        Ok(json!({"Parameter": self.value(parameter, version.as_deref())?}))
    }

    fn get_many(&self, parameters: &Known) -> Result<Value, Refusal> {
        let asked = self.names()?;
        let named: Vec<_> = asked.iter().map(|asked| self.name_of(asked)).collect();
        for (name, _) in &named {
            self.check("GetParameters", name)?;
        }
        let (mut found, mut invalid) = (Vec::new(), Vec::new());
        for (asked, (name, version)) in asked.iter().zip(&named) {
            match parameters.get(name) {
                Some(parameter) => found.push(self.value(parameter, version.as_deref())?),
                None => invalid.push(asked),
            }
        }
        Ok(json!({"Parameters": found, "InvalidParameters": invalid}))
    }

    /// The names that are asked for: one to ten, each once.
    fn names(&self) -> Result<Vec<String>, Refusal> {
        let names = self.request.list("Names");
        if names.is_empty() || names.len() > MOST_BY_NAME {
            return refuse(
                "ValidationException",
                format!(
                    "1 validation error detected: Value '[{}]' at 'names' failed to satisfy constraint: Member must \
                     have length less than or equal to {MOST_BY_NAME}",
                    names.join(", ")
                ),
            );
        }
        if names.iter().collect::<BTreeSet<_>>().len() < names.len() {
            return refuse("ValidationException", "Duplicate names are not allowed in the request.");
        }
        Ok(names)
    }

    fn get_by_path(&self, parameters: &Known) -> Result<Value, Refusal> {
        let path = self.request.member("Path");
        self.check("GetParametersByPath", path)?;
        if !path.starts_with('/') {
            return refuse("ValidationException", "The parameter path must begin with a forward slash \"/\".");
        }
        let recursively = self.request.body.get("Recursive") == Some(&json!(true));
        let counts = |parameter: &&Parameter| parameter.is_below(path, recursively) && self.passes_filters(parameter);
        let (rows, next) = page(parameters, self.request, MOST_BY_PATH, |parameter| {
            Some(parameter).filter(counts).map(|parameter| json!(parameter.name))
        })?;
        let found = rows.iter().filter_map(|name| parameters.get(name.as_str()?));
        let values: Vec<_> = found.map(|parameter| self.value(parameter, None)).collect::<Result<_, _>>()?;
        Ok(with_token(json!({"Parameters": values}), next))
    }

    fn describe(&self, parameters: &Known) -> Result<Value, Refusal> {
        let everything = self.caller.resource("ssm", "*");
        let resource = Resource { name: "*", arn: &everything, shown: &everything };
        self.permissions.check("ssm:DescribeParameters", &resource, self.caller)?;
        let (rows, next) = page(parameters, self.request, MOST_DESCRIBED, |parameter| {
            self.passes_filters(parameter).then(|| parameter.description(&self.arn(&parameter.name)))
        })?;
        Ok(with_token(json!({"Parameters": rows}), next))
    }

    /// Each of the filters has to be met.
    fn passes_filters(&self, parameter: &Parameter) -> bool {
        let filters = self.request.body.get("ParameterFilters").and_then(Value::as_array);
        filters.into_iter().flatten().all(|filter| parameter.passes(filter))
    }

    fn put(&self, parameters: &mut Known) -> Result<Value, Refusal> {
        let [name, value] = ["Name", "Value"].map(|member| self.request.member(member));
        self.check("PutParameter", name)?;
        check_name(name)?;
        if value.is_empty() {
            return refuse(
                "ValidationException",
                "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have \
                 length greater than or equal to 1.",
            );
        }
        let known = parameters.get(name);
        if known.is_some() && self.request.body.get("Overwrite") != Some(&json!(true)) {
            return refuse(
                "ParameterAlreadyExists",
                "The parameter already exists. To overwrite this value, set the overwrite option in the request to \
                 true.",
            );
        }
        let mut written =
            known.cloned().unwrap_or_else(|| Parameter { values: Vec::new(), ..Parameter::new(name, "") });
        written.kind = match (self.request.member("Type"), known) {
            ("", None) => {
                return refuse("ValidationException", "A parameter type is required when you create a parameter.");
            }
            ("", Some(known)) => known.kind.clone(),
            (kind, _) => kind.to_owned(),
        };
        written.tier = self.tier(value, known)?;
        match self.request.member("KeyId") {
            "" => {}
            _ if written.kind != SECURE => {
                return refuse("ValidationException", "KeyId is not allowed for a parameter of type String.");
            }
            key => written.kms_key_id = Some(key.to_owned()),
        }
        let encrypts = if written.tier == "Advanced" { "kms:GenerateDataKey" } else { "kms:Encrypt" };
        self.check_key(encrypts, &written)?;
        if let Some(description) = self.request.body.get("Description").and_then(Value::as_str) {
            written.description = Some(description.to_owned());
        }
        written.values.push(value.to_owned());
        written.changed = SystemTime::now();
        let told = json!({"Version": written.values.len(), "Tier": written.tier});
        parameters.insert(name.to_owned(), written);
        Ok(told)
    }

    fn tier(&self, value: &str, known: Option<&Parameter>) -> Result<String, Refusal> {
        let length = value.chars().count();
        let was_advanced = known.is_some_and(|known| known.tier == "Advanced");
        let tier = match self.request.member("Tier") {
            "" if was_advanced => "Advanced",
            "" => "Standard",
            "Intelligent-Tiering" if was_advanced || length > LARGEST_STANDARD => "Advanced",
            "Intelligent-Tiering" => "Standard",
            tier => tier,
        };
        match tier {
            "Standard" if was_advanced => refuse(
                "ValidationException",
                "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the \
                 advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced \
                 parameter and recreate it as a standard parameter.",
            ),
            "Standard" if length > LARGEST_STANDARD => refuse(
                "ValidationException",
                format!(
                    "Standard tier parameters support a maximum parameter value of {LARGEST_STANDARD} characters. To \
                     create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For \
                     more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"
                ),
            ),
            "Advanced" if length > LARGEST_ADVANCED => refuse(
                "ValidationException",
                format!("Advanced tier parameters support a maximum parameter value of {LARGEST_ADVANCED} characters."),
            ),
            tier => Ok(tier.to_owned()),
        }
    }

    fn delete(&self, parameters: &mut Known) -> Result<Value, Refusal> {
        let (name, _) = self.name_of(self.request.member("Name"));
        self.check("DeleteParameter", &name)?;
        parameters.remove(&name).map_or_else(not_found, |_| Ok(json!({})))
    }

    fn delete_many(&self, parameters: &mut Known) -> Result<Value, Refusal> {
        let names = self.names()?;
        for name in &names {
            self.check("DeleteParameters", name)?;
        }
        let (deleted, invalid): (Vec<_>, Vec<_>) = names.iter().partition(|name| parameters.remove(*name).is_some());
        Ok(json!({"DeletedParameters": deleted, "InvalidParameters": invalid}))
    }
}

/// What Parameter Store takes for a name (botocore:data/ssm, PutParameterRequest).
fn check_name(name: &str) -> Result<(), Refusal> {
    let is_legal = |letter: char| letter.is_ascii_alphanumeric() || "_.-/".contains(letter);
    let first = name.trim_start_matches('/').to_lowercase();
    if name.to_lowercase().starts_with("/aws") && name.matches('/').count() > 1 {
        return refuse("AccessDeniedException", format!("No access to reserved parameter name: {name}."));
    }
    if first.starts_with("aws") || first.starts_with("ssm") {
        let message = "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).";
        return refuse("ValidationException", message);
    }
    if name.contains('/') && !name.starts_with('/') {
        return refuse("ValidationException", "Parameter name must be a fully qualified name.");
    }
    if name.matches('/').count() > DEEPEST {
        let message = format!("Parameter name must have at most {DEEPEST} levels.");
        return refuse("HierarchyLevelLimitExceededException", message);
    }
    let is_path = !name.contains("//") && !name.ends_with('/');
    if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(is_legal) || !is_path {
        return refuse(
            "ValidationException",
            "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of \
             sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the \
             following 3 symbols .-_",
        );
    }
    Ok(())
}

/// The real one says nothing more.
fn not_found<T>() -> Result<T, Refusal> {
    refuse("ParameterNotFound", "")
}
