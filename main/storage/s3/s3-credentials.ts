import { AppError } from '../../../shared/lib/app-error.ts';
import { type S3Credentials, s3Credentials } from '../../../shared/model/s3-credentials.ts';

/** Those of the environment that all tools for S3 know; undefined without them. */
export function credentialsIn(environment: NodeJS.ProcessEnv): S3Credentials | undefined {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'] ?? '';
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'] ?? '';
  const sessionToken = environment['AWS_SESSION_TOKEN'] ?? '';
  if (accessKeyId === '' || secretAccessKey === '') return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken === '' ? {} : { sessionToken }) };
}

/** From lines: the access key, the secret key and, where it is temporary, the session token. */
export function credentialsOfText(text: string): S3Credentials {
  const lines = text.trim().split(/\r?\n/u);
  const [accessKeyId = '', secretAccessKey = '', sessionToken, ...rest] = lines.map((line) => line.trim());
  const credentials = {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
  if (rest.length === 0 && s3Credentials.safeParse(credentials).success) return credentials;
  throw new AppError(
    'usage',
    'The file with the credentials has two lines: the access key, and the secret key.',
  );
}

/** The reverse of `credentialsOfText`. */
export function credentialsText({ accessKeyId, secretAccessKey, sessionToken }: S3Credentials): string {
  return [accessKeyId, secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])].join('\n');
}
