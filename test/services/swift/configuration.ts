import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';

/** What one Swift of the tests has on disk, and where it listens. */
export type SwiftPlace = Readonly<{
  folder: string;
  ports: Readonly<Record<'account' | 'container' | 'object' | 'proxy' | 'memcached', number>>;
}>;

export const storageServers = ['account', 'container', 'object'] as const;
export const region = 'us-east-1';

/** One account with all rights, and one that may do nothing in the buckets of the other. */
export const testers = {
  owner: { accessKeyId: 'test:tester', secretAccessKey: 'testing' },
  other: { accessKeyId: 'test:other', secretAccessKey: 'other' },
} as const;

export function configurationFile({ folder }: SwiftPlace, server: string): string {
  return path.join(folder, 'etc', `${server}.conf`);
}

export async function writeConfiguration(place: SwiftPlace): Promise<void> {
  await mkdir(path.join(place.folder, 'etc'), { recursive: true });
  await mkdir(path.join(place.folder, 'srv/d1'), { recursive: true });
  const secrets = '[swift-hash]\nswift_hash_path_suffix = tests\nswift_hash_path_prefix = tests\n';
  const policy = '[storage-policy:0]\nname = default\ndefault = yes\n';
  await writeFile(configurationFile(place, 'swift'), secrets + policy);
  for (const server of storageServers) {
    await writeFile(configurationFile(place, server), storageServer(place, server));
  }
  await writeFile(configurationFile(place, 'proxy'), proxyServer(place));
}

function storageServer(place: SwiftPlace, server: (typeof storageServers)[number]): string {
  const common = commonLines(place, place.ports[server]);
  return `${common}
devices = ${place.folder}/srv
mount_check = false
fallocate_reserve = 0
[pipeline:main]
pipeline = ${server}-server
[app:${server}-server]
use = egg:swift#${server}
[${server}-replicator]
[${server}-auditor]
[${server}-updater]
[container-sync]
[account-reaper]
`;
}

function proxyServer(place: SwiftPlace): string {
  const filters = ['slo', 'dlo', 'bulk', 'symlink', 'copy', 'catch_errors', 'listing_formats'];
  return `${commonLines(place, place.ports.proxy)}
[pipeline:main]
pipeline = catch_errors cache listing_formats s3api tempauth bulk slo dlo copy symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
user_test_other = other
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
location = ${region}
allowable_clock_skew = 31536000
allow_multipart_uploads = true
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${String(place.ports.memcached)}
${filters.map((name) => `[filter:${name}]\nuse = egg:swift#${name}\n`).join('')}`;
}

function commonLines({ folder }: SwiftPlace, port: number): string {
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${String(port)}
workers = 0
user = ${userInfo().username}
swift_dir = ${folder}/etc
log_level = WARNING`;
}
