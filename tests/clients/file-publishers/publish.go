// Sends what glab 1.79 (internal/commands/release) and GoReleaser 2.18 (internal/client/gitlab.go) send, with the library of both,
// go-gitlab: its later name is client-go, and it makes these requests as ever. The arguments are what to do, the tag, and files.
package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/xanzy/go-gitlab"
)

const project = "acme/hello"

// link is what both send; the library as Debian has it does not know the path by this name.
type link struct {
	Name string `json:"name"`
	URL  string `json:"url"`
	Path string `json:"direct_asset_path"`
	Type string `json:"link_type,omitempty"`
}

func main() {
	client, err := gitlab.NewClient(os.Getenv("TOKEN"), gitlab.WithBaseURL(os.Getenv("URL")))
	what, tag, files := os.Args[1], os.Args[2], os.Args[3:]
	if strings.HasSuffix(what, "-job") {
		client, err = gitlab.NewJobClient(os.Getenv("JOB_TOKEN"), gitlab.WithBaseURL(os.Getenv("URL")))
	}
	check(err)
	switch strings.TrimSuffix(what, "-job") {
	case "glab-create":
		glabCreate(client, tag)
		glabUpload(client, tag, files, true)
	case "glab-upload":
		glabUpload(client, tag, files, false)
	case "glab-upload-package":
		glabUpload(client, tag, files, true)
	case "glab-download":
		glabDownload(client, tag, files[0])
	case "goreleaser":
		goreleaser(client, tag, files, false)
	case "goreleaser-package":
		goreleaser(client, tag, files, true)
	default:
		check(fmt.Errorf("does not know %s", what))
	}
}

// glabCreate asks for the tag and, if there is none, for the default branch; then it creates or updates the release.
func glabCreate(client *gitlab.Client, tag string) {
	var ref *string
	if _, answer, err := client.Tags.GetTag(project, tag); is(answer, 404) {
		known, _, err := client.Projects.GetProject(project, nil)
		check(err)
		ref = &known.DefaultBranch
	} else {
		check(err)
	}
	_, answer, err := client.Releases.GetRelease(project, tag)
	if is(answer, 404) {
		_, _, err = client.Releases.CreateRelease(project, &gitlab.CreateReleaseOptions{Name: &tag, TagName: &tag, Ref: ref})
	} else {
		check(err)
		_, _, err = client.Releases.UpdateRelease(project, tag, &gitlab.UpdateReleaseOptions{Name: &tag})
	}
	check(err)
}

// glabUpload uploads files, each perhaps followed by # and a label, and once more by # and a type.
func glabUpload(client *gitlab.Client, tag string, files []string, registry bool) {
	_, _, err := client.Releases.GetRelease(project, tag)
	check(err)
	for _, argument := range files {
		parts := append(strings.SplitN(argument, "#", 3), "", "")
		path, label, kind := parts[0], parts[1], parts[2]
		name := filepath.Base(path)
		if label == "" {
			label = name
		}
		file, err := os.Open(path)
		check(err)
		address := client.BaseURL()
		if registry {
			_, _, err = client.GenericPackages.PublishPackageFile(project, "release-assets", tag, name, file, nil)
			check(err)
			where, err := client.GenericPackages.FormatPackageURL(project, "release-assets", tag, name)
			check(err)
			address = address.JoinPath(where)
		} else {
			uploaded := upload(client, file, name)
			address.Path = uploaded.FullPath
		}
		check(addLink(client, tag, link{label, address.String(), "/" + name, kind}))
	}
}

// glabDownload downloads what the links lead to, with the token if that is here.
func glabDownload(client *gitlab.Client, tag, folder string) {
	release, _, err := client.Releases.GetRelease(project, tag)
	check(err)
	for _, source := range release.Assets.Sources {
		check(fmt.Errorf("there are no sources, but %s", source.URL))
	}
	for _, link := range release.Assets.Links {
		address, err := url.Parse(link.URL)
		check(err)
		if base := client.BaseURL(); base.Scheme != address.Scheme || base.Host != address.Host {
			check(fmt.Errorf("%s is elsewhere", address))
		}
		request, err := client.NewRequest(http.MethodGet, "", nil, nil)
		check(err)
		request.URL = address
		request.Header.Set("Accept", "application/octet-stream")
		file, err := os.OpenFile(filepath.Join(folder, link.Name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		check(err)
		_, err = client.Do(request, file)
		check(err)
		check(file.Close())
	}
}

// goreleaser creates or updates the release and uploads the files.
func goreleaser(client *gitlab.Client, tag string, files []string, registry bool) {
	version, _, err := client.Version.GetVersion()
	check(err)
	if major, err := strconv.Atoi(strings.SplitN(version.Version, ".", 2)[0]); err != nil || major < 17 {
		check(fmt.Errorf("the version is %s", version.Version))
	}
	notes, ref := "## Changelog", "0123456789abcdef0123456789abcdef01234567"
	_, answer, err := client.Releases.GetRelease(project, tag)
	if is(answer, 403) || is(answer, 404) {
		_, _, err = client.Releases.CreateRelease(project, &gitlab.CreateReleaseOptions{
			Name: &tag, Description: &notes, Ref: &ref, TagName: &tag,
		})
	} else {
		check(err)
		_, _, err = client.Releases.UpdateRelease(project, tag, &gitlab.UpdateReleaseOptions{Name: &tag, Description: &notes})
	}
	check(err)
	for _, path := range files {
		name := filepath.Base(path)
		file, err := os.Open(path)
		check(err)
		var address string
		if registry {
			number := strings.TrimPrefix(tag, "v")
			_, _, err = client.GenericPackages.PublishPackageFile(project, "hello", number, name, file, nil)
			check(err)
			where, err := client.GenericPackages.FormatPackageURL(project, "hello", number, name)
			check(err)
			address = client.BaseURL().String() + where
		} else {
			// The path begins with a slash, which is the second.
			address = os.Getenv("URL") + "/" + upload(client, file, name).FullPath
		}
		check(addLink(client, tag, link{Name: name, URL: address, Path: "/" + name}))
	}
}

// uploaded is what is known of an upload; the library as Debian has it does not know the path that both take.
type uploaded struct {
	FullPath string `json:"full_path"`
}

// upload uploads a file to the project.
func upload(client *gitlab.Client, file io.Reader, name string) uploaded {
	place := fmt.Sprintf("projects/%s/uploads", gitlab.PathEscape(project))
	request, err := client.UploadRequest(http.MethodPost, place, file, name, gitlab.UploadFile, nil, nil)
	check(err)
	var known uploaded
	_, err = client.Do(request, &known)
	check(err)
	return known
}

// addLink adds a link to the release.
func addLink(client *gitlab.Client, tag string, added link) error {
	place := fmt.Sprintf("projects/%s/releases/%s/assets/links", gitlab.PathEscape(project), gitlab.PathEscape(tag))
	request, err := client.NewRequest(http.MethodPost, place, added, nil)
	if err == nil {
		_, err = client.Do(request, nil)
	}
	return err
}

func is(answer *gitlab.Response, status int) bool {
	return answer != nil && answer.StatusCode == status
}

func check(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
