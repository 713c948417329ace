import { isAbsolute } from 'node:path';
import { AppError } from '../../../shared/lib/app-error.ts';

/** Where on which S3 service a vault lies. */
export type S3Place = Readonly<{
  bucket: string;
  /** Without a slash at either end; empty: the vault has the bucket to itself. */
  prefix: string;
  /** Undefined: Amazon's own of the region. */
  endpoint: string | undefined;
  region: string;
  /** `path`: the bucket stands in the path of each address, `virtual`: in its host name. */
  style: 'path' | 'virtual';
  /** A file (PEM) of certificates of authorities that are trusted beside the usual ones. */
  caFile: string | undefined;
}>;

const defaultRegion = 'us-east-1';
const bucketPattern = /^[a-zA-Z0-9][a-zA-Z0-9._-]{1,62}$/u;
const segmentPattern = /^[\w.+@=~-]{1,255}$/u;
const regionPattern = /^[a-zA-Z0-9-]{1,64}$/u;
const parameters = ['endpoint', 'region', 'style', 'ca'] as const;

/** Understands `s3://bucket/prefix?endpoint=…&region=…&style=path|virtual&ca=FILE`; `usage` for anything else. */
export function parseS3Place(text: string): S3Place {
  const url = parseUrl(text);
  if (url.username !== '' || url.password !== '') {
    throw usage(
      'Keys do not belong into the location, which others can read: give them with --credentials-file, or in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    );
  }
  if (!bucketPattern.test(url.host) || url.hash !== '') {
    throw usage('The location names no bucket: write it as s3://bucket/prefix?endpoint=https://HOST.');
  }
  const given = parametersOf(url);
  const endpoint = endpointOf(given.get('endpoint'));
  return {
    bucket: url.host,
    prefix: prefixOf(url.pathname),
    endpoint,
    region: checked(given.get('region') ?? defaultRegion, regionPattern, 'region'),
    style: styleOf(given.get('style'), endpoint),
    caFile: caFileOf(given.get('ca')),
  };
}

/** The location of a place in its one form: what is usual is left out. */
export function s3PlaceText({ bucket, prefix, endpoint, region, style, caFile }: S3Place): string {
  const usualStyle = styleOf(undefined, endpoint);
  const said = [
    ...(endpoint === undefined ? [] : [`endpoint=${endpoint}`]),
    ...(region === defaultRegion ? [] : [`region=${region}`]),
    ...(style === usualStyle ? [] : [`style=${style}`]),
    ...(caFile === undefined ? [] : [`ca=${encodeURIComponent(caFile).replaceAll('%2F', '/')}`]),
  ];
  const path = prefix === '' ? '' : `/${prefix}`;
  return `s3://${bucket}${path}${said.length === 0 ? '' : `?${said.join('&')}`}`;
}

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw usage('The location is no address: write it as s3://bucket/prefix?endpoint=https://HOST.');
  }
}

function parametersOf(url: URL): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (!parameters.some((known) => known === name) || given.has(name) || value === '') {
      throw usage(`The location has ${name} twice, empty or unknown: it takes ${parameters.join(', ')}.`);
    }
    given.set(name, value);
  }
  return given;
}

function prefixOf(path: string): string {
  const prefix = path.replaceAll(/^\/+|\/+$/gu, '');
  if (prefix === '') return '';
  const isPlain = prefix
    .split('/')
    .every((segment) => segmentPattern.test(segment) && segment !== '.' && segment !== '..');
  if (isPlain && prefix.length <= 512) return prefix;
  throw usage('The prefix in the location may hold letters, digits, single slashes and -_.+@=~ only.');
}

function endpointOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain =
    url !== undefined && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (isPlain && (url.protocol === 'https:' || url.protocol === 'http:')) {
    return url.href.replace(/\/+$/u, '');
  }
  throw usage(
    'The endpoint in the location is no address: write it as endpoint=https://HOST or https://HOST:PORT.',
  );
}

/** Services other than Amazon's mostly have no host name for each bucket. */
function styleOf(text: string | undefined, endpoint: string | undefined): S3Place['style'] {
  if (text === undefined) return endpoint === undefined ? 'virtual' : 'path';
  if (text === 'path' || text === 'virtual') return text;
  throw usage('The style in the location is path or virtual.');
}

function caFileOf(file: string | undefined): string | undefined {
  if (file === undefined || isAbsolute(file)) return file;
  throw usage('The ca in the location is an absolute path of a file with certificates.');
}

function checked(text: string, pattern: RegExp, what: string): string {
  if (pattern.test(text)) return text;
  throw usage(`The ${what} in the location has characters that none has.`);
}

function usage(message: string): AppError {
  return new AppError('usage', message);
}
