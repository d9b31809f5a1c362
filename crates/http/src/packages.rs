//! `/projects/:id/packages` (docs/contract.md, "Files").

use release_links_domain::file::{Package, PackageFile, PackageName, PackageStatus, PackageVersion};
use release_links_domain::link::AssetSize;
use release_links_domain::{PackageFileId, PackageId};
use release_links_ports::{PackageFilter, Page};
use serde::Serialize;
use utoipa::ToSchema;

use crate::addresses::ProjectAddress;
use crate::operation::{
    self, Answer, CallerThenParameters, Filled, Operation, OrNone, Refused, address, few, parameters, shown,
};
use crate::pagination::{self, PageParameters};
use crate::reply::{Reply, no_content, ok};
use crate::shapes::time;
use crate::sorting::OneOf;

const PACKAGES: &str = "/api/v4/projects/{id}/packages";
const PACKAGE: &str = "/api/v4/projects/{id}/packages/{package_id}";
const FILES: &str = "/api/v4/projects/{id}/packages/{package_id}/package_files";
const FILE: &str = "/api/v4/projects/{id}/packages/{package_id}/package_files/{package_file_id}";

/// The kinds of packages that GitLab has, of which this server has the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PackageType(&'static str);

const GENERIC: PackageType = PackageType("generic");

few! {
    PackageType: &[
        GENERIC, Self("conan"), Self("maven"), Self("npm"), Self("pypi"), Self("composer"), Self("nuget"), Self("helm"),
        Self("terraform_module"), Self("golang"), Self("debian"), Self("rubygems"), Self("ml_model"),
    ], utoipa::openapi::Type::String, |kind| kind.0.into(),
}

/// A package as clients see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Package)]
struct PackageBody {
    id: i64,
    name: String,
    version: String,
    package_type: &'static str,
    #[schema(schema_with = shown::<PackageStatus>)]
    status: &'static str,
    created_at: String,
    #[schema(value_type = [String], max_items = 0)]
    tags: [(); 0],
}

impl PackageBody {
    fn new(package: Package) -> Self {
        let Package { id, name, version, status, created_at } = package;
        Self {
            id: id.get(),
            name: name.into(),
            version: version.into(),
            package_type: GENERIC.0,
            status: status.as_str(),
            created_at: time(created_at),
            tags: [],
        }
    }
}

/// A file of a package as clients see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PackageFile)]
pub(crate) struct PackageFileBody {
    id: i64,
    package_id: i64,
    created_at: String,
    updated_at: String,
    size: i64,
    file_name: String,
    file_md5: String,
    file_sha1: String,
    file_sha256: String,
}

impl PackageFileBody {
    pub(crate) fn new(file: PackageFile) -> Self {
        let PackageFile { id, package, name, bytes, created_at, .. } = file;
        let created_at = time(created_at);
        Self {
            id: id.get(),
            package_id: package.get(),
            updated_at: created_at.clone(),
            created_at,
            size: AssetSize::bytes(bytes.size),
            file_name: name.into(),
            file_md5: bytes.digests.md5.into(),
            file_sha1: bytes.digests.sha1.into(),
            file_sha256: bytes.digests.sha256.into(),
        }
    }
}

/// Returns the operations on packages.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        operation::get(PACKAGES, "List the packages of a project", list)
            .answers(Answer::page::<PackageBody>("A page of packages, oldest first.")),
        operation::get(PACKAGE, "Get a package", get).answers(Answer::ok::<PackageBody>("The package.")),
        operation::delete(PACKAGE, "Delete a package", delete)
            .signed_in()
            .answers(Answer::no_content("The package and its files are deleted."))
            .refuses(&[Refused::BAD]),
        operation::get(FILES, "List the files of a package", list_files)
            .answers(Answer::page::<PackageFileBody>("A page of files, oldest first.")),
        operation::delete(FILE, "Delete a file of a package", delete_file)
            .signed_in()
            .answers(Answer::no_content("The file is deleted."))
            .refuses(&[Refused::BAD]),
    ]
}

address! {
    /// A package.
    struct PackageAddress {
        /// The project's id, or its full path with each slash encoded.
        id: String,
        /// The id of the package.
        package_id: OrNone<PackageId>,
    }
}

address! {
    /// A file of a package.
    struct PackageFileAddress {
        /// The project's id, or its full path with each slash encoded.
        id: String,
        /// The id of the package.
        package_id: OrNone<PackageId>,
        /// The id of the file.
        package_file_id: OrNone<PackageFileId>,
    }
}

parameters! {
    /// Which packages are listed.
    struct PackageList {
        /// Only packages of this kind; all are generic.
        package_type: OneOf<PackageType>,
        /// Only packages with this text in their name, ignoring case.
        package_name: Filled<PackageName>,
        /// Only packages with this version.
        package_version: Filled<PackageVersion>,
    }
}

async fn list(asked: CallerThenParameters<ProjectAddress, (PackageList, PageParameters)>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let is_other = parameters.as_ref().is_ok_and(|(list, _)| list.package_type.is_some_and(|kind| kind != GENERIC));
    let asked = parameters.map(|(list, PageParameters { page })| {
        (PackageFilter { name: list.package_name, version: list.package_version }, page)
    });
    let page = asked.as_ref().map(|(_, page)| *page).unwrap_or_default();
    let mut found = incoming.service.packages.list(&caller, &address.id, asked).await?;
    if is_other {
        found = Page { rows: Vec::new(), total: Some(0), has_next: false };
    }
    pagination::page(&incoming, page, found, PackageBody::new)
}

async fn get(asked: CallerThenParameters<PackageAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    let package = incoming.service.packages.get(&caller, &address.id, address.package_id).await?;
    ok(&incoming.request, &PackageBody::new(package))
}

async fn delete(asked: CallerThenParameters<PackageAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    incoming.service.packages.delete(&caller, &address.id, address.package_id).await?;
    Ok(no_content())
}

async fn list_files(asked: CallerThenParameters<PackageAddress, PageParameters>) -> Reply {
    let CallerThenParameters { incoming, address, parameters, caller } = asked;
    let wanted = parameters.map(|list| list.page);
    let page = wanted.clone().unwrap_or_default();
    let found = incoming.service.packages.list_files(&caller, &address.id, address.package_id, wanted).await?;
    pagination::page(&incoming, page, found, PackageFileBody::new)
}

async fn delete_file(asked: CallerThenParameters<PackageFileAddress, ()>) -> Reply {
    let CallerThenParameters { incoming, address, caller, .. } = asked;
    let PackageFileAddress { id, package_id, package_file_id } = address;
    incoming.service.packages.delete_file(&caller, &id, package_id, package_file_id).await?;
    Ok(no_content())
}
