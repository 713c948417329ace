import type { S3Calls } from './s3-calls.ts';
import type { S3Connection } from './s3-connection.ts';
import type { TransferLimits } from '../../transfer-limits.ts';

/** What reaches a place: whom to ask, how calls are run, and how fast. */
export type S3Parts = Readonly<{ connection: S3Connection; calls: S3Calls; limits: TransferLimits }>;
