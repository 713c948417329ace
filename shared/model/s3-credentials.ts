import { z } from 'zod';

const part = z.string().min(1).max(4096);

/** What proves to a storage service on S3 who asks. */
export const s3Credentials = z.strictObject({
  accessKeyId: part,
  secretAccessKey: part,
  sessionToken: part.optional(),
});

export type S3Credentials = Readonly<z.infer<typeof s3Credentials>>;
