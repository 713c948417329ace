import { readFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { rootCertificates } from 'node:tls';
import { AppError, hasCode } from '../../../../shared/lib/app-error.ts';
import type { S3Credentials } from '../../../../shared/model/s3-credentials.ts';
import { threadEntry } from '../../../platform/thread-entry.ts';
import type { S3Place } from '../s3-place.ts';
import type * as Sdk from './s3-sdk.late.ts';

export type S3Connection = Readonly<{
  sdk: typeof Sdk;
  client: Sdk.S3Client;
  bucket: string;
  /** What comes before the name of an object in its key: empty, or ending in a slash. */
  keyPrefix: string;
}>;

const connectLimitMs = 15_000;
/** More than are ever on their way, so that the handler never lets one wait unseen. */
const mostSockets = 256;

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/**
 * A client of the SDK, which is loaded here, when a storage on S3 is first used. It tries everything once (S3Calls tries again) and
 * asks neither the machine's own configuration for a region or endpoint nor anybody for credentials.
 */
export async function connectS3(place: S3Place, credentials: S3Credentials): Promise<S3Connection> {
  const sdk = await loadSdk();
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const sockets = { keepAlive: true, maxSockets: mostSockets };
  const ca = place.caFile === undefined ? {} : { ca: await trustedWith(place.caFile) };
  const client = new sdk.S3Client({
    ...(place.endpoint === undefined ? {} : { endpoint: place.endpoint }),
    region: place.region,
    forcePathStyle: place.style === 'path',
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    maxAttempts: 1,
    retryMode: 'standard',
    defaultsMode: 'standard',
    // Other services than Amazon's do not know the newer checksums; ours is the SHA-256 in the signature.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
    // Where data goes is said by the location alone, not by AWS_ENDPOINT_URL or a file of the user's.
    ignoreConfiguredEndpointUrls: true,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    useArnRegion: false,
    disableS3ExpressSessionAuth: true,
    authSchemePreference: ['sigv4'],
    userAgentAppId: 'trinity-backup',
    logger: silent,
    requestHandler: new sdk.NodeHttpHandler({
      httpAgent: new Agent(sockets),
      httpsAgent: new TlsAgent({ ...sockets, ...ca }),
      connectionTimeout: connectLimitMs,
      logger: silent,
    }),
  });
  const { bucket, prefix } = place;
  return { sdk, client, bucket, keyPrefix: prefix === '' ? '' : `${prefix}/` };
}

async function loadSdk(): Promise<typeof Sdk> {
  // Our own module, of the shape that the type checker sees.
  return (await import(threadEntry(import.meta.url, './s3-sdk.late.ts').href)) as typeof Sdk;
}

async function trustedWith(file: string): Promise<string[]> {
  try {
    return [...rootCertificates, await readFile(file, 'utf8')];
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR')) throw error;
    throw new AppError(
      'usage',
      `The file with certificates, ${file}, cannot be read: check its name and mode.`,
      {
        cause: error,
      },
    );
  }
}
