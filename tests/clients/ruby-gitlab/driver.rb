# frozen_string_literal: true

# Drives the gitlab gem. It puts a tag into the address as it is, so its callers escape what is not plain.

require 'gitlab'

# One pass of the common script with one form of the project's id.
class Pass
  STEPS = %w[create-release add-link list-pages get-link update-link duplicate delete-link odd-tag raw-slash
             delete-release].freeze

  def initialize(client, form, project)
    @client = client
    @form = form
    @project = project
    @tag = "v1.0.0-#{form}"
    @odd = "odd/#{form}+rc 1"
    @place = "https://downloads.example.com/#{@tag}"
  end

  def run
    STEPS.each do |name|
      send(name.tr('-', '_'))
      puts "step #{@form}/#{name} ok"
    rescue StandardError => e
      puts "step #{@form}/#{name} FAILED: #{e.class}: #{e.message.split.join(' ')}"
    end
  end

  private

  def create_release
    made = @client.create_project_release(
      @project, tag_name: @tag, name: "Release #{@tag}", description: "Notes of #{@tag}",
                assets: { links: [
                  { name: 'linux-amd64', url: "#{@place}/linux-amd64", direct_asset_path: '/bin/linux-amd64',
                    link_type: 'package' },
                  { name: 'docs', url: "#{@place}/docs", link_type: 'runbook' }
                ] }
    )
    same made.tag_name, @tag
    same made.assets.links.length, 2
  end

  def add_link
    added = @client.create_project_release_link(
      @project, @tag, name: 'macos-arm64', url: "#{@place}/macos-arm64", direct_asset_path: '/bin/macos-arm64',
                      link_type: 'other'
    )
    same added.url, "#{@place}/macos-arm64"
  end

  def links(tag)
    project = @client.url_encode(@project)
    @client.get("/projects/#{project}/releases/#{tag}/assets/links", query: { per_page: 1 }).auto_paginate
  end

  def link_id(tag, name)
    links(tag).find { |link| link.name == name }.id
  end

  def list_pages
    same links(@tag).map(&:name), %w[macos-arm64 docs linux-amd64]
    same @client.project_release_links(@project, @tag).length, 3
  end

  def get_link
    id = link_id(@tag, 'macos-arm64')
    found = @client.project_release_link(@project, @tag, id)
    same [found.id, found.link_type], [id, 'other']
  end

  def update_link
    updated = @client.update_project_release_link(
      @project, @tag, link_id(@tag, 'docs'), name: 'handbook', url: "#{@place}/handbook", link_type: 'image'
    )
    same [updated.name, updated.link_type], %w[handbook image]
  end

  def duplicate
    refused(Gitlab::Error::BadRequest, 'Name has already been taken') do
      @client.create_project_release_link(@project, @tag, name: 'linux-amd64', url: "#{@place}/another")
    end
  end

  def delete_link
    id = link_id(@tag, 'macos-arm64')
    same @client.delete_project_release_link(@project, @tag, id).id, id
    refused(Gitlab::Error::NotFound, '404') { @client.project_release_link(@project, @tag, id) }
  end

  def odd_tag
    @client.create_project_release(
      @project, tag_name: @odd, name: "Release #{@odd}", description: "Notes of #{@odd}"
    )
    escaped = @client.url_encode(@odd)
    url = "https://downloads.example.com/odd-#{@form}/source"
    @client.create_project_release_link(@project, escaped, name: 'source', url: url, filepath: '/files/source')
    same @client.project_release_link(@project, escaped, link_id(escaped, 'source')).url, url
    same @client.project_release(@project, escaped).tag_name, @odd
  end

  # Unescaped, the slash of a tag makes another route of it.
  def raw_slash
    tag = @odd.sub(' ', '%20')
    refused(Gitlab::Error::NotFound, '404') { @client.project_release(@project, tag) }
    refused(Gitlab::Error::NotFound, '404') { @client.project_release_links(@project, tag) }
  end

  def delete_release
    tag = "gone/#{@form}+rc 1"
    escaped = @client.url_encode(tag)
    @client.create_project_release(@project, tag_name: tag, description: 'Soon gone')
    same @client.delete_project_release(@project, escaped).tag_name, tag
    refused(Gitlab::Error::NotFound, '404') { @client.project_release(@project, escaped) }
  end

  def same(got, expected)
    raise "expected #{expected.inspect}, got #{got.inspect}" unless got == expected
  end

  def refused(kind, words)
    yield
  rescue kind => e
    raise "expected #{words} in: #{e.message}" unless e.message.include?(words)
  else
    raise "was not refused; expected #{kind}"
  end
end

# Publishes a link twice, with no word about conflicts, after the project says that links are replaced.
def repeat(client, project)
  client.edit_project(project, links_on_conflict: 'replace')
  client.create_project_release(
    project, tag_name: 'repeated', name: 'Release repeated', description: 'Notes of repeated'
  )
  ids = %w[first second].map do |run|
    client.create_project_release_link(
      project, 'repeated', name: 'tool', url: "https://downloads.example.com/repeated/#{run}",
                           direct_asset_path: '/bin/tool', link_type: 'package'
    ).id
  end
  raise "another link: #{ids}" unless ids.uniq.length == 1

  puts 'step repeat ok'
rescue StandardError => e
  puts "step repeat FAILED: #{e.class}: #{e.message.split.join(' ')}"
end

$stdout.sync = true
client = Gitlab.client(endpoint: "#{ENV.fetch('URL')}/api/v4", private_token: ENV.fetch('TOKEN'))
Pass.new(client, 'id', ENV.fetch('PROJECT_ID').to_i).run
Pass.new(client, 'path', ENV.fetch('PROJECT_PATH')).run
repeat(client, ENV.fetch('PROJECT_PATH'))
