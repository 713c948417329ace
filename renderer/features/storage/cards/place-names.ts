/** `Folder` or `Bucket`, by how a location is written. */
export function kindOf(location: string): 'Folder' | 'Bucket' {
  return location.startsWith('s3://') ? 'Bucket' : 'Folder';
}
