// Drives go-gitlab, which writes %2E for each dot and cannot read an empty answer.
package main

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/xanzy/go-gitlab"
)

// pass is one run of the common script with one form of the project's id.
type pass struct {
	client  *gitlab.Client
	form    string
	project interface{}
	tag     string
	odd     string
}

func main() {
	client, err := gitlab.NewClient(os.Getenv("TOKEN"), gitlab.WithBaseURL(os.Getenv("URL")))
	if err != nil {
		panic(err)
	}
	number, err := strconv.Atoi(os.Getenv("PROJECT_ID"))
	if err != nil {
		panic(err)
	}
	newPass(client, "id", number).run()
	newPass(client, "path", os.Getenv("PROJECT_PATH")).run()
	report("repeat", repeat(client, number))
}

// repeat publishes a link twice, with no word about conflicts, after the project says that links are replaced.
func repeat(client *gitlab.Client, project int) error {
	settings := map[string]string{"links_on_conflict": "replace"}
	request, err := client.NewRequest(http.MethodPut, fmt.Sprintf("projects/%d", project), settings, nil)
	if err != nil {
		return err
	}
	if _, err := client.Do(request, nil); err != nil {
		return err
	}
	tag := "repeated"
	_, _, err = client.Releases.CreateRelease(project, &gitlab.CreateReleaseOptions{
		TagName: &tag, Name: gitlab.String("Release " + tag), Description: gitlab.String("Notes of " + tag),
	})
	if err != nil {
		return err
	}
	var ids [2]int
	for number, name := range []string{"first", "second"} {
		url := "https://downloads.example.com/repeated/" + name
		published, _, err := client.ReleaseLinks.CreateReleaseLink(project, tag, &gitlab.CreateReleaseLinkOptions{
			Name: gitlab.String("tool"), URL: &url, FilePath: gitlab.String("/bin/tool"),
			LinkType: gitlab.LinkType(gitlab.PackageLinkType),
		})
		if err != nil {
			return err
		}
		ids[number] = published.ID
	}
	return same(strconv.Itoa(ids[1]), strconv.Itoa(ids[0]))
}

func newPass(client *gitlab.Client, form string, project interface{}) *pass {
	return &pass{client, form, project, "v1.0.0-" + form, "odd/" + form + "+rc 1"}
}

func (p *pass) run() {
	p.step("create-release", p.createRelease())
	p.step("add-link", p.addLink())
	p.step("list-pages", p.listPages())
	p.step("get-link", p.getLink())
	p.step("update-link", p.updateLink())
	p.step("duplicate", p.duplicate())
	p.step("delete-link", p.deleteLink())
	p.step("odd-tag", p.oddTag())
	p.step("delete-release", p.deleteRelease())
}

func (p *pass) step(name string, err error) {
	report(p.form+"/"+name, err)
}

func report(name string, err error) {
	if err == nil {
		fmt.Printf("step %s ok\n", name)
		return
	}
	fmt.Printf("step %s FAILED: %s\n", name, strings.Join(strings.Fields(err.Error()), " "))
}

func (p *pass) url(name string) *string {
	return gitlab.String("https://downloads.example.com/" + p.tag + "/" + name)
}

func (p *pass) createRelease() error {
	links := []*gitlab.ReleaseAssetLinkOptions{
		{
			Name: gitlab.String("linux-amd64"), URL: p.url("linux-amd64"),
			FilePath: gitlab.String("/bin/linux-amd64"), LinkType: gitlab.LinkType(gitlab.PackageLinkType),
		},
		{Name: gitlab.String("docs"), URL: p.url("docs"), LinkType: gitlab.LinkType(gitlab.RunbookLinkType)},
	}
	release, _, err := p.client.Releases.CreateRelease(p.project, &gitlab.CreateReleaseOptions{
		TagName: &p.tag, Name: gitlab.String("Release " + p.tag), Description: gitlab.String("Notes of " + p.tag),
		Assets: &gitlab.ReleaseAssetsOptions{Links: links},
	})
	if err != nil {
		return err
	}
	if len(release.Assets.Links) != 2 || release.CreatedAt == nil {
		return fmt.Errorf("unexpected release %+v", release)
	}
	return same(release.TagName, p.tag)
}

func (p *pass) addLink() error {
	added, _, err := p.client.ReleaseLinks.CreateReleaseLink(p.project, p.tag, &gitlab.CreateReleaseLinkOptions{
		Name: gitlab.String("macos-arm64"), URL: p.url("macos-arm64"),
		FilePath: gitlab.String("/bin/macos-arm64"), LinkType: gitlab.LinkType(gitlab.OtherLinkType),
	})
	if err != nil {
		return err
	}
	return same(added.URL, *p.url("macos-arm64"))
}

// links follows X-Next-Page, as the library's own documentation does.
func (p *pass) links(tag string) ([]*gitlab.ReleaseLink, error) {
	options := &gitlab.ListReleaseLinksOptions{PerPage: 1}
	var all []*gitlab.ReleaseLink
	for {
		links, response, err := p.client.ReleaseLinks.ListReleaseLinks(p.project, tag, options)
		if err != nil {
			return nil, err
		}
		all = append(all, links...)
		if response.NextPage == 0 {
			return all, same(strconv.Itoa(response.TotalItems), strconv.Itoa(len(all)))
		}
		options.Page = response.NextPage
	}
}

func (p *pass) linkID(tag, name string) (int, error) {
	links, err := p.links(tag)
	if err != nil {
		return 0, err
	}
	for _, link := range links {
		if link.Name == name {
			return link.ID, nil
		}
	}
	return 0, fmt.Errorf("no link %s in %s", name, tag)
}

func (p *pass) listPages() error {
	links, err := p.links(p.tag)
	if err != nil {
		return err
	}
	var names []string
	for _, link := range links {
		names = append(names, link.Name)
	}
	return same(strings.Join(names, " "), "macos-arm64 docs linux-amd64")
}

func (p *pass) getLink() error {
	id, err := p.linkID(p.tag, "macos-arm64")
	if err != nil {
		return err
	}
	found, _, err := p.client.ReleaseLinks.GetReleaseLink(p.project, p.tag, id)
	if err != nil {
		return err
	}
	return same(fmt.Sprint(found.ID, found.LinkType), fmt.Sprint(id, gitlab.OtherLinkType))
}

func (p *pass) updateLink() error {
	id, err := p.linkID(p.tag, "docs")
	if err != nil {
		return err
	}
	updated, _, err := p.client.ReleaseLinks.UpdateReleaseLink(p.project, p.tag, id, &gitlab.UpdateReleaseLinkOptions{
		Name: gitlab.String("handbook"), URL: p.url("handbook"), LinkType: gitlab.LinkType(gitlab.ImageLinkType),
	})
	if err != nil {
		return err
	}
	return same(fmt.Sprint(updated.Name, updated.LinkType), fmt.Sprint("handbook", gitlab.ImageLinkType))
}

func (p *pass) duplicate() error {
	_, response, err := p.client.ReleaseLinks.CreateReleaseLink(p.project, p.tag, &gitlab.CreateReleaseLinkOptions{
		Name: gitlab.String("linux-amd64"), URL: p.url("another"),
	})
	return refused(response, err, http.StatusBadRequest, "Name has already been taken")
}

func (p *pass) deleteLink() error {
	id, err := p.linkID(p.tag, "macos-arm64")
	if err != nil {
		return err
	}
	deleted, _, err := p.client.ReleaseLinks.DeleteReleaseLink(p.project, p.tag, id)
	if err != nil {
		return err
	}
	if err := same(deleted.Name, "macos-arm64"); err != nil {
		return err
	}
	_, response, err := p.client.ReleaseLinks.GetReleaseLink(p.project, p.tag, id)
	return refused(response, err, http.StatusNotFound, "404")
}

func (p *pass) oddTag() error {
	if err := p.describe(p.odd); err != nil {
		return err
	}
	url := "https://downloads.example.com/odd-" + p.form + "/source"
	_, _, err := p.client.ReleaseLinks.CreateReleaseLink(p.project, p.odd, &gitlab.CreateReleaseLinkOptions{
		Name: gitlab.String("source"), URL: &url, FilePath: gitlab.String("/files/source"),
	})
	if err != nil {
		return err
	}
	id, err := p.linkID(p.odd, "source")
	if err != nil {
		return err
	}
	found, _, err := p.client.ReleaseLinks.GetReleaseLink(p.project, p.odd, id)
	if err != nil {
		return err
	}
	if err := same(found.URL, url); err != nil {
		return err
	}
	release, _, err := p.client.Releases.GetRelease(p.project, p.odd)
	if err != nil {
		return err
	}
	return same(release.TagName, p.odd)
}

func (p *pass) describe(tag string) error {
	_, _, err := p.client.Releases.CreateRelease(p.project, &gitlab.CreateReleaseOptions{
		TagName: &tag, Name: gitlab.String("Release " + tag), Description: gitlab.String("Notes of " + tag),
	})
	return err
}

func (p *pass) deleteRelease() error {
	tag := "gone/" + p.form + "+rc 1"
	if err := p.describe(tag); err != nil {
		return err
	}
	deleted, _, err := p.client.Releases.DeleteRelease(p.project, tag)
	if err != nil {
		return err
	}
	if err := same(deleted.TagName, tag); err != nil {
		return err
	}
	_, response, err := p.client.Releases.GetRelease(p.project, tag)
	return refused(response, err, http.StatusNotFound, "404")
}

func same(got, expected string) error {
	if got == expected {
		return nil
	}
	return fmt.Errorf("expected %q, got %q", expected, got)
}

func refused(response *gitlab.Response, err error, status int, words string) error {
	if err == nil {
		return fmt.Errorf("was not refused; expected %d", status)
	}
	if response == nil || response.StatusCode != status || !strings.Contains(err.Error(), words) {
		return fmt.Errorf("expected %d with %q in: %w", status, words, err)
	}
	return nil
}
