import { describe } from 'vitest';
import { fakeS3 } from '../../../helpers/s3-storage.ts';
import { itKeepsTheContract } from '../../../helpers/storage-contract.ts';

describe('S3Storage on a store that knows conditional PUT', () => {
  itKeepsTheContract(async (options) => (await fakeS3({}, options)).storage);
});

describe('S3Storage on a store that answers conditional PUT with 304', () => {
  itKeepsTheContract(async (options) => (await fakeS3({ conditions: '304' }, options)).storage);
});

describe('S3Storage on a store that refuses conditional PUT', () => {
  itKeepsTheContract(async (options) => (await fakeS3({ conditions: 'unknown' }, options)).storage);
});

describe('S3Storage on a store that does not look at conditions', () => {
  itKeepsTheContract(async (options) => (await fakeS3({ conditions: 'ignored' }, options)).storage);
});

describe('S3Storage on a store whose lists are short and lag behind', () => {
  itKeepsTheContract(async (options) => (await fakeS3({ pageSize: 7, listLag: 12 }, options)).storage);
});
